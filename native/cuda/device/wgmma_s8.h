// One product of a warpgroup (4 warps), 64 x 128 x 32 of signed bytes, both operands in shared memory; the tensor cores of
// compute capability 9.0 run it beside the threads. native/emulation/wgmma_s8.h is its twin for the CPU.
//
// An operand is rows of 32 bytes as core matrices: 8 rows of 16 bytes, 128 bytes in one piece. A descriptor says where the
// first is, how far the second half of k is (`along`), and how far the next 8 rows are (`down`), all in Codes of 16 bytes; no
// swizzle. Ref: PTX ISA, wgmma.mma_async, matrix descriptor, K-major: `along` is its leading, `down` its stride byte offset.
#pragma once
#include <cstdint>

#include "codes.h"
#include "language.h"

namespace ternion {

/// The operand whose first core matrix begins at element `at` of `memory`. Bits 0 to 13 of a descriptor are the address, 16 to 29
/// `along`, 32 to 45 `down`, each in units of 16 bytes.
__device__ __forceinline__ uint64_t operand(Shared<Codes> memory, int at, int along, int down) {
  const uint64_t address = __cvta_generic_to_shared(memory + at) >> 4 & 0x3fff;
  return address | static_cast<uint64_t>(along & 0x3fff) << 16 | static_cast<uint64_t>(down & 0x3fff) << 32;
}

/// What threads have written to shared memory becomes visible to later products; before the barrier that orders them.
__device__ __forceinline__ void show_to_products() { TERNION_SM90A(asm volatile("fence.proxy.async.shared::cta;" ::: "memory")); }

// The 64 sums of a thread as operands of an instruction, so that nothing uses them across it.
#define TERNION_SUMS_64(c) \
  "+r"(c[0]), "+r"(c[1]), "+r"(c[2]), "+r"(c[3]), "+r"(c[4]), "+r"(c[5]), "+r"(c[6]), "+r"(c[7]), \
  "+r"(c[8]), "+r"(c[9]), "+r"(c[10]), "+r"(c[11]), "+r"(c[12]), "+r"(c[13]), "+r"(c[14]), "+r"(c[15]), \
  "+r"(c[16]), "+r"(c[17]), "+r"(c[18]), "+r"(c[19]), "+r"(c[20]), "+r"(c[21]), "+r"(c[22]), "+r"(c[23]), \
  "+r"(c[24]), "+r"(c[25]), "+r"(c[26]), "+r"(c[27]), "+r"(c[28]), "+r"(c[29]), "+r"(c[30]), "+r"(c[31]), \
  "+r"(c[32]), "+r"(c[33]), "+r"(c[34]), "+r"(c[35]), "+r"(c[36]), "+r"(c[37]), "+r"(c[38]), "+r"(c[39]), \
  "+r"(c[40]), "+r"(c[41]), "+r"(c[42]), "+r"(c[43]), "+r"(c[44]), "+r"(c[45]), "+r"(c[46]), "+r"(c[47]), \
  "+r"(c[48]), "+r"(c[49]), "+r"(c[50]), "+r"(c[51]), "+r"(c[52]), "+r"(c[53]), "+r"(c[54]), "+r"(c[55]), \
  "+r"(c[56]), "+r"(c[57]), "+r"(c[58]), "+r"(c[59]), "+r"(c[60]), "+r"(c[61]), "+r"(c[62]), "+r"(c[63])

/// Before the first product, and after anything else has touched the sums.
__device__ __forceinline__ void begin_products(int32_t (&c)[64]) {
  TERNION_SM90A(asm volatile("wgmma.fence.sync.aligned;" : TERNION_SUMS_64(c)::"memory"));
}

/// The products since the last call are one batch.
__device__ __forceinline__ void commit_products() {
  TERNION_SM90A(asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory"));
}

/// Waits for all batches: now the sums may be used and shared memory written.
__device__ __forceinline__ void finish_products(int32_t (&c)[64]) {
  TERNION_SM90A(asm volatile("wgmma.wait_group.sync.aligned 0;" : TERNION_SUMS_64(c)::"memory"));
}

/// c[64,128] += a[64,32] b[128,32]^T, exact integers, begun and not waited for. All 128 threads of a warpgroup call it with
/// operands in `memory`. With group = lane / 4 and t = lane % 4, c[4 j + i] of warp v is row 16 v + group + 8 (i / 2), column
/// 8 j + 2 t + i % 2.
__device__ __forceinline__ void wgmma_s8(int32_t (&c)[64], Shared<Codes>, uint64_t a, uint64_t b) {
  TERNION_SM90A(asm volatile("wgmma.mma_async.sync.aligned.m64n128k32.s32.s8.s8 "
                             "{%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
                             "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, "
                             "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, "
                             "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63}, %64, %65, 1;"
                             : TERNION_SUMS_64(c)
                             : "l"(a), "l"(b)));
}

#undef TERNION_SUMS_64

}  // namespace ternion
