// The dense product of the contract.
#include "dense_product.h"

namespace ternion {

void CudaBackend::gemm(Buffer& c, const Buffer& a, const Buffer& b, const Buffer* bias, int64_t m, int64_t n, int64_t k,
                       bool trans_a, bool trans_b, bool accumulate, bool bf16) {
  const auto cp = reals(c, m * n, "gemm c");
  const auto ap = reals(a, m * k, "gemm a"), bp = reals(b, k * n, "gemm b");
  const Global<const float> shift = bias ? reals(*bias, n, "gemm bias") : Global<const float>();
  const DenseProduct p{m, n, k, trans_a, trans_b, accumulate, bf16};
  if (!bf16) {
    dense_product(*this, cp, ap, bp, shift, p);
    return;
  }
  const Bf16Scratch left(*this, m * k), right(*this, k * n);
  round_to_bf16(*this, left.elements(), ap, m * k);
  round_to_bf16(*this, right.elements(), bp, k * n);
  dense_product(*this, cp, left.elements(), right.elements(), shift, Global<const float>(), p);
}

}  // namespace ternion
