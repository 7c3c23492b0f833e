// flags: -ffp-contract=off
// The oracle: plain loops over the packed weights, no intrinsics. Any CPU, any compiler.

#include "gemm_s8_internal.h"

namespace ternion::s8 {

void compute_portable(const Problem& p) {
  const int64_t steps = (p.k + kStep - 1) / kStep;
  for (int64_t m = p.m_begin; m < p.m_end; ++m) {
    const int8_t* row = p.x + m * p.k;
    for (int64_t n0 = p.n_begin; n0 < p.n_end; n0 += kPanelColumns) {
      const uint8_t* panel = p.panel + n0 * steps * kStep;
      int32_t sum[kPanelColumns] = {};
      for (int64_t k = p.k_begin; k < p.k_end; ++k) {
        const uint8_t* u = panel + (k / kStep) * kPanelColumns * kStep + k % kStep;
        const int32_t value = row[k];
        for (int64_t j = 0; j < kPanelColumns; ++j) sum[j] += value * u[j * kStep];
      }
      const int64_t columns = p.n_end - n0 < kPanelColumns ? p.n_end - n0 : kPanelColumns;
      for (int64_t j = 0; j < columns; ++j) {
        const int64_t n = n0 + j;
        const int32_t acc = sum[j] - p.sums[m];
        if (p.acc != nullptr) {
          p.acc[m * p.n + n] = acc;
          continue;
        }
        const Epilogue& e = p.epilogue;
        const float scale = e.x_step[m * e.x_stride] * e.w_scale[n * e.w_stride];
        const float scaled = static_cast<float>(acc) * scale;
        p.y[m * p.n + n] = e.bias != nullptr ? scaled + e.bias[n] : scaled;
      }
    }
  }
}

}  // namespace ternion::s8
