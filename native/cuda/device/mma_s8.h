// One tensor-core product of a warp, 16 x 8 x 32 of signed bytes. native/emulation/mma_s8.h is its twin for the CPU.
#pragma once
#include <cstdint>

namespace ternion {

/// c[16,8] += a[16,32] b[8,32]^T, exact integers. Every lane of the warp calls it. With group = lane / 4 and t = lane % 4 a
/// lane holds, four codes to a word (lowest byte first):
///   a[0]: row group, codes 4t .. 4t + 3   a[1]: row group + 8, the same   a[2], a[3]: as a[0], a[1], 16 codes further on
///   b[0]: row group of b, codes 4t .. 4t + 3                              b[1]: 16 codes further on
///   c[0], c[1]: row group, columns 2t, 2t + 1                             c[2], c[3]: row group + 8
/// Ref: PTX ISA, matrix fragments for mma.m16n8k32.
__device__ __forceinline__ void mma_s8(int32_t (&c)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
  asm volatile("mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
               : "+r"(c[0]), "+r"(c[1]), "+r"(c[2]), "+r"(c[3])
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

}  // namespace ternion
