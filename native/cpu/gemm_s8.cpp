// The quantized product. float: the exact integer kernels of s8/. double: the reference loops on unpacked codes.
#include "cpu_backend.h"
#include "product_result.h"
#include "ternion/group_checks.h"
#ifdef TERNION_S8
#include "s8/gemm_s8.h"
#endif

namespace ternion {
namespace TERNION_NS {
namespace {

constexpr int64_t kRows = 192;  // rows of x per chunk: with a weight panel they fit the second-level cache

}  // namespace

#ifdef TERNION_S8

int64_t CpuBackend::panel_bytes(int64_t n, int64_t k, bool) { return s8::panel_bytes(n, k); }

void CpuBackend::pack_panel(Buffer& panel, const Buffer& codes, int64_t n, int64_t k, bool binary) {
  uint8_t* pp = bytes_of(panel, panel_bytes(n, k, binary), "pack_panel panel");
  const int8_t* cp = codes_of(codes, n * k, "pack_panel codes");
  parallel(n, s8::kPanelColumns, [&](int64_t n0, int64_t n1) { s8::pack_panel_columns(pp, cp, n, k, n0, n1); });
}

void CpuBackend::gemm_s8(Buffer& y, Buffer* gelu, const Buffer& x, const Buffer& x_step, int64_t x_group, const Buffer& panel,
                         const Buffer& w_scale, int64_t w_group, const Buffer* bias, int64_t m, int64_t n, int64_t k, bool binary,
                         Buffer* tops, int64_t slot) {
  check_groups_s8(x_group, w_group, m, n, k);
  real* yp = reals(y, m * n, "gemm_s8 y");
  const int8_t* xp = codes_of(x, m * k, "gemm_s8 x");
  const uint8_t* pp = bytes_of(panel, panel_bytes(n, k, binary), "gemm_s8 panel");
  const bool x_per_row = x_group == k && m > 1, w_per_tensor = w_group == n * k;
  const real* xs = reals(x_step, x_per_row ? m : 1, "gemm_s8 x_step");
  const real* ws = reals(w_scale, n * k / w_group, "gemm_s8 w_scale");
  const real* bp = bias ? reals(*bias, n, "gemm_s8 bias") : nullptr;
  const ProductResult result(yp, m, n, gelu, "gemm_s8 gelu", Top(tops, slot, "gemm_s8 tops"));
  if (m == 0 || n == 0) return;
  std::vector<int32_t> sums(static_cast<size_t>(m));
  const int64_t row_chunks = (m + kRows - 1) / kRows, wide = row_chunks >= 4 ? n : ((n + 3) / 4 + 63) / 64 * 64;
  const int64_t col_chunks = (n + wide - 1) / wide;
  if (w_per_tensor || w_group == k) {
    const s8::Epilogue epilogue{xs, x_per_row ? 1 : 0, ws, w_per_tensor ? 0 : 1, bp};
    s8::row_sums(sums.data(), xp, m, k);
    parallel(row_chunks * col_chunks, 1, [&](int64_t i, int64_t) {
      const int64_t m0 = i / col_chunks * kRows, n0 = i % col_chunks * wide;
      const int64_t m1 = m0 + kRows < m ? m0 + kRows : m, n1 = n0 + wide < n ? n0 + wide : n;
      for (int64_t c0 = n0; c0 < n1; c0 += s8::kPanelColumns) {
        const int64_t c1 = c0 + s8::kPanelColumns < n1 ? c0 + s8::kPanelColumns : n1;
        s8::gemm(yp, xp, sums.data(), pp, m0, m1, n, k, c0, c1, epilogue);
        result.finish(m0, m1, c0, c1);
      }
    });
    return;
  }
  if (w_group % s8::kStep != 0)
    throw std::invalid_argument("[gemm_s8] w_group " + std::to_string(w_group) + " must be a multiple of 4");
  const int64_t groups = k / w_group;  // one exact product per K-group, added in order
  parallel(m, 16, [&](int64_t m0, int64_t m1) {
    std::vector<int32_t> acc(static_cast<size_t>((m1 - m0) * n));
    for (int64_t g = 0; g < groups; ++g) {
      s8::row_sums_range(sums.data() + m0, xp + m0 * k, m1 - m0, k, g * w_group, (g + 1) * w_group);
      s8::gemm_s32(acc.data(), xp + m0 * k, sums.data() + m0, pp, 0, m1 - m0, n, k, 0, n, g * w_group, (g + 1) * w_group);
      for (int64_t r = m0; r < m1; ++r)
        for (int64_t c = 0; c < n; ++c) {
          const real value = static_cast<real>(acc[(r - m0) * n + c]) * (xs[x_per_row ? r : 0] * ws[c * groups + g]);
          yp[r * n + c] = (g == 0 ? real(0) : yp[r * n + c]) + value;
        }
    }
    for (int64_t r = m0; bp && r < m1; ++r)
      for (int64_t c = 0; c < n; ++c) yp[r * n + c] += bp[c];
    result.finish(m0, m1, 0, n);
  });
}

#else

int64_t CpuBackend::panel_bytes(int64_t n, int64_t k, bool) { return n * k; }

void CpuBackend::pack_panel(Buffer& panel, const Buffer& codes, int64_t n, int64_t k, bool) {
  std::memcpy(bytes_of(panel, n * k, "pack_panel panel"), codes_of(codes, n * k, "pack_panel codes"), static_cast<size_t>(n * k));
}

void CpuBackend::gemm_s8(Buffer& y, Buffer* gelu, const Buffer& x, const Buffer& x_step, int64_t x_group, const Buffer& panel,
                         const Buffer& w_scale, int64_t w_group, const Buffer* bias, int64_t m, int64_t n, int64_t k, bool,
                         Buffer* tops, int64_t slot) {
  check_groups_s8(x_group, w_group, m, n, k);
  real* yp = reals(y, m * n, "gemm_s8 y");
  const int8_t* xp = codes_of(x, m * k, "gemm_s8 x");
  const int8_t* wp = reinterpret_cast<const int8_t*>(bytes_of(panel, n * k, "gemm_s8 panel"));
  const real* xs = reals(x_step, m * k / x_group, "gemm_s8 x_step");
  const real* ws = reals(w_scale, n * k / w_group, "gemm_s8 w_scale");
  const real* bp = bias ? reals(*bias, n, "gemm_s8 bias") : nullptr;
  const ProductResult result(yp, m, n, gelu, "gemm_s8 gelu", Top(tops, slot, "gemm_s8 tops"));
  const int64_t span = w_group < k ? w_group : k;
  parallel(m, kRows, [&](int64_t m0, int64_t m1) {
    for (int64_t r = m0; r < m1; ++r)
      for (int64_t c = 0; c < n; ++c) {
        real total = 0;
        for (int64_t l0 = 0; l0 < k; l0 += span) {
          int64_t acc = 0;
          for (int64_t l = l0; l < l0 + span; ++l) acc += static_cast<int64_t>(xp[r * k + l]) * wp[c * k + l];
          total += static_cast<real>(acc) * (xs[r * k / x_group] * ws[(c * k + l0) / w_group]);
        }
        yp[r * n + c] = bp ? total + bp[c] : total;
      }
    result.finish(m0, m1, 0, n);
  });
}

#endif

}  // namespace TERNION_NS
}  // namespace ternion
