// The product of binary codes by their bits. float: the kernels of b1/. double: the reference dot products.
#include "b1/gemm_b1.h"
#include "cpu_backend.h"
#include "product_result.h"
#include "ternion/group_checks.h"

namespace ternion {
namespace TERNION_NS {
namespace {

constexpr int64_t kBlock = 64;  // rows of x, columns of w: a chunk of the work

/// Where the words of [rows,k] bits begin in a buffer: pool memory is aligned.
uint32_t* words_of(const Buffer& bits, int64_t rows, int64_t k, const char* what) {
  return reinterpret_cast<uint32_t*>(bytes_of(bits, b1::words(rows, k) * int64_t{4}, what));
}

#ifdef TERNION_S8
void block(real* y, const b1::Matrix& x, const b1::Matrix& w, int64_t m0, int64_t m1, int64_t n, int64_t k, int64_t n0, int64_t n1,
           const s8::Epilogue& e) {
  b1::gemm(y, x, w, m0, m1, n, k, n0, n1, e);
}
using Scales = s8::Epilogue;
#else
struct Scales {
  const real* x_step;
  int x_stride;
  const real* w_scale;
  int w_stride;
  const real* bias;
};
void block(real* y, const b1::Matrix& x, const b1::Matrix& w, int64_t m0, int64_t m1, int64_t n, int64_t k, int64_t n0, int64_t n1,
           const Scales& e) {
  for (int64_t r = m0; r < m1; ++r)
    for (int64_t c = n0; c < n1; ++c) {
      const real value = static_cast<real>(b1::dot(x, w, r, c, k)) * (e.x_step[r * e.x_stride] * e.w_scale[c * e.w_stride]);
      y[r * n + c] = e.bias ? value + e.bias[c] : value;
    }
}
#endif

}  // namespace

int64_t CpuBackend::bits_bytes(int64_t rows, int64_t k) { return b1::words(rows, k) * 4; }

void CpuBackend::pack_bits(Buffer& bits, Buffer& counts, const Buffer& codes, int64_t rows, int64_t k) {
  uint32_t* bp = words_of(bits, rows, k, "pack_bits bits");
  int32_t* np = ints(counts, rows, "pack_bits counts");
  const int8_t* cp = codes_of(codes, rows * k, "pack_bits codes");
  parallel(rows, b1::kRows, [&](int64_t begin, int64_t end) { b1::pack_rows(bp, np, cp, rows, k, begin, end); });
}

void CpuBackend::gemm_b1(Buffer& y, Buffer* gelu, const Buffer& x_bits, const Buffer& x_counts, const Buffer& x_step,
                         int64_t x_group, const Buffer& w_bits, const Buffer& w_counts, const Buffer& w_scale, int64_t w_group,
                         const Buffer* bias, int64_t m, int64_t n, int64_t k, Buffer* tops, int64_t slot) {
  check_groups_b1(x_group, w_group, m, n, k);
  real* yp = reals(y, m * n, "gemm_b1 y");
  const b1::Matrix x{words_of(x_bits, m, k, "gemm_b1 x_bits"), ints(x_counts, m, "gemm_b1 x_counts")};
  const b1::Matrix w{words_of(w_bits, n, k, "gemm_b1 w_bits"), ints(w_counts, n, "gemm_b1 w_counts")};
  const bool x_per_row = x_group == k && m > 1, w_per_row = w_group == k && n > 1;
  const Scales scales{reals(x_step, x_per_row ? m : 1, "gemm_b1 x_step"), x_per_row ? 1 : 0,
                      reals(w_scale, w_per_row ? n : 1, "gemm_b1 w_scale"), w_per_row ? 1 : 0,
                      bias ? reals(*bias, n, "gemm_b1 bias") : nullptr};
  const ProductResult result(yp, m, n, gelu, "gemm_b1 gelu", Top(tops, slot, "gemm_b1 tops"));
  const int64_t across = (n + kBlock - 1) / kBlock, down = (m + kBlock - 1) / kBlock;
  parallel(down * across, 1, [&](int64_t i, int64_t) {
    const int64_t m0 = i / across * kBlock, n0 = i % across * kBlock;
    const int64_t m1 = m0 + kBlock < m ? m0 + kBlock : m, n1 = n0 + kBlock < n ? n0 + kBlock : n;
    block(yp, x, w, m0, m1, n, k, n0, n1, scales);
    result.finish(m0, m1, n0, n1);
  });
}

}  // namespace TERNION_NS
}  // namespace ternion
