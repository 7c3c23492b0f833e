// Products of a gradient with codes. In f32 the codes are dequantized first. In bf16 codes of one scale stay whole numbers,
// which bf16 holds exactly, and the scale becomes a factor of the product.
#include "dense_product.h"
#include "index.h"
#include "ternion/bf16.h"

namespace ternion {
namespace {

__global__ void whole_codes(Global<uint16_t> y, Global<const int8_t> codes, int64_t n) {
  const int64_t i = thread_index();
  if (i < n) y[i] = to_bf16(static_cast<float>(codes[i]));
}

__global__ void scaled_codes(Global<uint16_t> y, Global<const int8_t> codes, Global<const float> scale, int64_t n, int64_t group) {
  const int64_t i = thread_index();
  if (i < n) y[i] = to_bf16(static_cast<float>(codes[i]) * scale[i / group]);
}

}  // namespace

void CudaBackend::gemm_codes(Buffer& c, const Buffer& dy, const Buffer& codes, const Buffer& scale, int64_t group, int64_t m,
                             int64_t n, int64_t k, bool trans_dy, bool accumulate, bool bf16) {
  const int64_t count = k * n;
  if (!bf16) {
    const Scratch values(*this, REAL, count);
    dequantize(*values, codes, scale, count, group);
    gemm(c, dy, *values, nullptr, m, n, k, trans_dy, false, accumulate, false);
    return;
  }
  if (group < 1 || count % group != 0) throw std::invalid_argument("[gemm_codes] group must divide k n");
  const auto cp = reals(c, m * n, "gemm_codes c");
  const auto gp = reals(dy, m * k, "gemm_codes dy");
  const auto codes_p = codes_of(codes, count, "gemm_codes codes");
  const auto scales = reals(scale, count / group, "gemm_codes scale");
  const DenseProduct p{m, n, k, trans_dy, false, accumulate, true};
  const Bf16Scratch left(*this, m * k), right(*this, count);
  round_to_bf16(*this, left.elements(), gp, m * k);
  if (group == count) {
    launch(each("gemm_codes", count), whole_codes, right.elements(), codes_p, count);
    dense_product(*this, cp, left.elements(), right.elements(), Global<const float>(), scales, p);
  } else {
    launch(each("gemm_codes", count), scaled_codes, right.elements(), codes_p, scales, count, group);
    dense_product(*this, cp, left.elements(), right.elements(), Global<const float>(), Global<const float>(), p);
  }
}

}  // namespace ternion
