// What the kernels of ternion::b1 share. As in ../s8/gemm_s8_internal.h, no inline function with external linkage here.
#pragma once

#include "gemm_b1.h"

namespace ternion::b1 {

/** One block of one product. */
struct Problem {
  float* y;
  Matrix x, w;
  int64_t m_begin, m_end, n, k, n_begin, n_end;
  s8::Epilogue epilogue;
};

using Kernel = void (*)(const Problem&);

void compute_portable(const Problem& problem);

/** Null when the file was compiled without the instruction set. */
Kernel kernel_avx2();
Kernel kernel_avx512vpopcntdq();

}  // namespace ternion::b1
