// flags: -ffp-contract=off
// The oracle: plain loops over words, one row of each operand at a time. Any CPU, any compiler.

#include "gemm_b1_internal.h"

namespace ternion::b1 {

int32_t dot(const Matrix& x, const Matrix& w, int64_t i, int64_t j, int64_t k) {
  const int64_t steps = (k + kWord - 1) / kWord;
  const uint32_t* a = x.bits + i / kRows * steps * kRows + i % kRows;
  const uint32_t* b = w.bits + j / kRows * steps * kRows + j % kRows;
  int32_t common = 0;
  for (int64_t s = 0; s < steps; ++s) common += __builtin_popcount(a[s * kRows] & b[s * kRows]);
  return static_cast<int32_t>(k) + 4 * common - 2 * (x.counts[i] + w.counts[j]);
}

void compute_portable(const Problem& p) {
  const s8::Epilogue& e = p.epilogue;
  for (int64_t m = p.m_begin; m < p.m_end; ++m)
    for (int64_t n = p.n_begin; n < p.n_end; ++n) {
      const float scale = e.x_step[m * e.x_stride] * e.w_scale[n * e.w_stride];
      const float scaled = static_cast<float>(dot(p.x, p.w, m, n, p.k)) * scale;
      p.y[m * p.n + n] = e.bias != nullptr ? scaled + e.bias[n] : scaled;
    }
}

}  // namespace ternion::b1
