// Pointwise sums and scalings, sums in order.
#include "cpu_backend.h"
#include "reduce.h"

namespace ternion {
namespace TERNION_NS {
namespace {
constexpr int64_t kElementGrain = 1 << 14;
}

/// Rows are added in chunks of 64, chunk sums in order: every column has one fixed order.
void CpuBackend::sum_rows(Buffer& sums, const Buffer& x, int64_t rows, int64_t cols, bool accumulate) {
  real* sp = reals(sums, cols, "sum_rows sums");
  const real* xp = reals(x, rows * cols, "sum_rows x");
  constexpr int64_t kChunk = 64;
  const int64_t chunks = (rows + kChunk - 1) / kChunk;
  std::vector<real> partial(static_cast<size_t>(chunks * cols));
  parallel(rows, kChunk, [&](int64_t begin, int64_t end) {
    real* out = partial.data() + begin / kChunk * cols;
    for (int64_t r = begin; r < end; ++r)
      for (int64_t c = 0; c < cols; ++c) out[c] += xp[r * cols + c];
  });
  if (!accumulate) std::memset(sp, 0, static_cast<size_t>(cols) * sizeof(real));
  for (int64_t i = 0; i < chunks; ++i)
    for (int64_t c = 0; c < cols; ++c) sp[c] += partial[i * cols + c];
}

void CpuBackend::add(Buffer& y, const Buffer& a, const Buffer& b, int64_t n) {
  real* yp = reals(y, n, "add y");
  const real *ap = reals(a, n, "add a"), *bp = reals(b, n, "add b");
  parallel(n, kElementGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) yp[i] = ap[i] + bp[i];
  });
}

void CpuBackend::scale(Buffer& y, const Buffer& x, double factor, int64_t n, bool accumulate) {
  real* yp = reals(y, n, "scale y");
  const real* xp = reals(x, n, "scale x");
  const real f = static_cast<real>(factor);
  parallel(n, kElementGrain, [&](int64_t begin, int64_t end) {
    if (accumulate)
      for (int64_t i = begin; i < end; ++i) yp[i] += f * xp[i];
    else
      for (int64_t i = begin; i < end; ++i) yp[i] = f * xp[i];
  });
}

void CpuBackend::sum_f64(Buffer& out, int64_t slot, const Buffer& values, int64_t n) {
  const double* vp = doubles(values, n, "sum_f64 values");
  double total = 0;
  for (int64_t i = 0; i < n; ++i) total += vp[i];
  f64_slot(out, slot, "sum_f64 out") = total;
}

}  // namespace TERNION_NS
}  // namespace ternion
