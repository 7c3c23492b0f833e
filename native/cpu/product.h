// One dense product of the CPU backend and its blocks.
#pragma once
#include <cstdint>

#include "cpu_backend.h"

namespace ternion {
namespace TERNION_NS {

/// c[m,n] (+)= factor op(a) op(b) + bias. a and b are reals or, for products in bf16, uint16_t.
template <class T>
struct Product {
  real* c;
  const T *a, *b;
  const real* bias;  ///< [n] or null
  real factor;
  int64_t m, n, k;
  bool trans_a, trans_b, accumulate;

  int64_t lda() const { return trans_a ? m : k; }
  int64_t ldb() const { return trans_b ? k : n; }
};

/// Rows [m0, m1) x columns [n0, n1) of c.
struct Part {
  int64_t m0, m1, n0, n1;
  int64_t rows() const { return m1 - m0; }
  int64_t cols() const { return n1 - n0; }
};

/// Runs body(part) over all of c. The parts depend on the shape alone, and so do results.
template <class F>
void for_parts(CpuBackend& backend, int64_t m, int64_t n, F&& body) {
  const bool by_rows = m >= n;
  const int64_t side = by_rows ? m : n;
  const int64_t pieces = side >= 512 ? 4 : side >= 96 ? 2 : 1;
  const int64_t grain = ((side + pieces - 1) / pieces + 47) / 48 * 48;
  backend.parallel(side, grain, [&](int64_t begin, int64_t end) {
    body(by_rows ? Part{begin, end, 0, n} : Part{0, m, begin, end});
  });
}

/// The part of c += bias.
template <class T>
void add_bias(const Product<T>& p, const Part& at) {
  if (!p.bias) return;
  for (int64_t i = at.m0; i < at.m1; ++i)
    for (int64_t j = at.n0; j < at.n1; ++j) p.c[i * p.n + j] += p.bias[j];
}

/// Reals: oneDNN for float, plain loops for double.
void multiply(CpuBackend& backend, const Product<real>& p);

/// Whether this copy of the backend may use instructions on bf16 and this processor has them.
bool multiplies_bf16();

/// bf16 elements with f32 sums by those instructions.
void multiply(CpuBackend& backend, const Product<uint16_t>& p);

}  // namespace TERNION_NS
}  // namespace ternion
