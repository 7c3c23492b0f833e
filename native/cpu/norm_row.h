// Layer normalization of one row and its gradient. Ref: [LN]
#pragma once
#include <cmath>

#include "cpu_backend.h"
#include "reduce.h"

namespace ternion {
namespace TERNION_NS {

/// y = (x - mean) rstd gamma + beta; writes mean and rstd.
inline void normalize_row(real* y, real& mean, real& rstd, const real* x, const real* gamma, const real* beta, int64_t cols,
                          real eps) {
  const real d = static_cast<real>(cols);
  const real m = strided_sum<real>(0, cols, [&](int64_t c) { return x[c]; }) / d;
  const real variance = strided_sum<real>(0, cols, [&](int64_t c) { return (x[c] - m) * (x[c] - m); }) / d;
  const real s = real(1) / std::sqrt(variance + eps);
  for (int64_t c = 0; c < cols; ++c) y[c] = (x[c] - m) * s * gamma[c] + beta[c];
  mean = m;
  rstd = s;
}

/// With xhat = (x - m) s and g = dy gamma: dx = s (g - mean(g) - xhat mean(g xhat)). dx may be dy.
inline void norm_gradient_row(real* dx, const real* dy, const real* x, real m, real s, const real* gamma, int64_t cols) {
  const real d = static_cast<real>(cols);
  const real a = strided_sum<real>(0, cols, [&](int64_t c) { return dy[c] * gamma[c]; }) / d;
  const real b = strided_sum<real>(0, cols, [&](int64_t c) { return dy[c] * gamma[c] * ((x[c] - m) * s); }) / d;
  for (int64_t c = 0; c < cols; ++c) dx[c] = s * (dy[c] * gamma[c] - a - (x[c] - m) * s * b);
}

/// Gradients of gain and bias: sums over chunks of rows, chunk sums in order.
class NormParameterGradient {
 public:
  static constexpr int64_t kChunk = 32;

  NormParameterGradient(int64_t rows, int64_t cols)
      : chunks_((rows + kChunk - 1) / kChunk), cols_(cols), partial_(static_cast<size_t>(chunks_ * cols * 2)) {}

  /// Adds row r. The rows of a chunk are added by one thread, in order.
  void add_row(int64_t r, const real* dy, const real* x, real m, real s) {
    real* gamma = partial_.data() + r / kChunk * cols_ * 2;
    real* beta = gamma + cols_;
    for (int64_t c = 0; c < cols_; ++c) {
      gamma[c] += dy[c] * ((x[c] - m) * s);
      beta[c] += dy[c];
    }
  }

  /// dgamma, dbeta (+)= the sums.
  void write(real* dgamma, real* dbeta, bool accumulate) const {
    if (!accumulate) {
      std::memset(dgamma, 0, static_cast<size_t>(cols_) * sizeof(real));
      std::memset(dbeta, 0, static_cast<size_t>(cols_) * sizeof(real));
    }
    for (int64_t i = 0; i < chunks_; ++i)
      for (int64_t c = 0; c < cols_; ++c) {
        dgamma[c] += partial_[static_cast<size_t>(i * cols_ * 2 + c)];
        dbeta[c] += partial_[static_cast<size_t>(i * cols_ * 2 + cols_ + c)];
      }
  }

 private:
  int64_t chunks_, cols_;
  std::vector<real> partial_;
};

}  // namespace TERNION_NS
}  // namespace ternion
