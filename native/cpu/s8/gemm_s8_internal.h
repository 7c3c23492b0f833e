// What the kernels of ternion::s8 share. The ISA files are compiled with their own flags, so nothing here (and nothing
// they include) may define an inline function with external linkage: the linker could keep the copy with the wrong ISA.
#pragma once

#include "gemm_s8.h"

namespace ternion::s8 {

/** One block of one product. Exactly one of y and acc is set. */
struct Problem {
  float* y;      // [M,n] or null
  int32_t* acc;  // [M,n] or null
  const int8_t* x;
  const int32_t* sums;  // over [k_begin, k_end)
  const uint8_t* panel;
  int64_t m_begin, m_end, n, k, n_begin, n_end, k_begin, k_end;
  Epilogue epilogue;  // used when y is set
};

using Kernel = void (*)(const Problem&);

void compute_portable(const Problem& problem);

/** Null when the file was compiled without the instruction set. */
Kernel kernel_avx2();
Kernel kernel_avx512vnni();

}  // namespace ternion::s8
