// One tensor-core product of a warp, 16 x 8 x 256 of bits. native/emulation/mma_b1.h is its twin for the CPU. One instruction
// on compute capability 8.0 to 9.0; newer devices emulate it by 8 products of bytes. [performance.md 4]
#pragma once
#include <cstdint>

namespace ternion {

/// c[16,8] += population count of a[16,256] & b[8,256]^T. Every lane of the warp calls it. With group = lane / 4 and t = lane % 4
/// a lane holds, 32 bits to a word:
///   a[0]: row group, word t              a[1]: row group + 8, the same   a[2], a[3]: as a[0], a[1], 4 words further on
///   b[0]: row group of b, word t         b[1]: 4 words further on
///   c[0], c[1]: row group, columns 2t, 2t + 1                            c[2], c[3]: row group + 8
/// Ref: PTX ISA, matrix fragments for mma.m16n8k256.
__device__ __forceinline__ void mma_b1_and(int32_t (&c)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
  asm volatile("mma.sync.aligned.m16n8k256.row.col.s32.b1.b1.s32.and.popc {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
               : "+r"(c[0]), "+r"(c[1]), "+r"(c[2]), "+r"(c[3])
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

}  // namespace ternion
