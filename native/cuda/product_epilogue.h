// What every integer product does with its sums, one formula for all kernels: the two scales are multiplied first, then the
// sum, then the bias is added; nothing is fused. [performance.md 10] The largest magnitude of y is kept where that is wanted.
#pragma once
#include "language.h"
#include "nan.h"
#include "tops.h"

namespace ternion {

/// Scales and bias of y[m,n]. A stride is 0 for one scale per tensor, 1 for one per row of x or of w.
struct Epilogue {
  Global<const float> x_step;
  int x_stride;
  Global<const float> w_scale;
  int w_stride;
  Global<const float> bias;  ///< or nothing
  Global<uint32_t> top;      ///< or nothing: raised to the bits of the largest |y|

  __device__ __forceinline__ float step(int64_t row) const { return x_step[row * x_stride]; }
  __device__ __forceinline__ float scale(int64_t column) const { return w_scale[column * w_stride]; }
  __device__ __forceinline__ float shift(int64_t column) const { return bias ? bias[column] : 0.0f; }

  /// The element of y from its exact sum, step(row), scale(column) and shift(column).
  __device__ __forceinline__ float value(int32_t sum, float of_row, float of_column, float added) const {
    const float product = static_cast<float>(sum) * (of_row * of_column);
    return plain_nan(bias ? product + added : product);
  }
};

}  // namespace ternion
