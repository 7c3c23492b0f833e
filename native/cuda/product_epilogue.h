// What every integer product does with its sums, one formula for all kernels: the two scales are multiplied first, then the
// sum, then the bias is added; nothing is fused. [performance.md 10] GELU of y is written beside it, and the largest magnitude of
// the last of the two kept, where that is wanted.
#pragma once
#include "language.h"
#include "nan.h"
#include "ternion/math.h"
#include "tops.h"

namespace ternion {

/// What makes y[m,n] of the sums, and goes with it. A stride is 0 for one scale per tensor, 1 for one per row of x or of w.
struct Epilogue {
  Global<const float> x_step;
  int x_stride;
  Global<const float> w_scale;
  int w_stride;
  Global<const float> bias;  ///< or nothing
  Global<float> gelu;        ///< [m,n] or nothing
  Global<uint32_t> top;      ///< or nothing: raised to the bits of the largest |y|, or |gelu| where there is one

  __device__ __forceinline__ float step(int64_t row) const { return x_step[row * x_stride]; }
  __device__ __forceinline__ float scale(int64_t column) const { return w_scale[column * w_stride]; }
  __device__ __forceinline__ float shift(int64_t column) const { return bias ? bias[column] : 0.0f; }

  /// The element of y from its exact sum, step(row), scale(column) and shift(column).
  __device__ __forceinline__ float value(int32_t sum, float of_row, float of_column, float added) const {
    const float product = static_cast<float>(sum) * (of_row * of_column);
    return plain_nan(bias ? product + added : product);
  }

  /// Writes element `at` of y, and of gelu. Returns the bits of the magnitude that may raise `top`.
  __device__ __forceinline__ uint32_t write(Global<float> y, int64_t at, float value) const {
    y[at] = value;
    if (!gelu) return magnitude_bits(value);
    const float activated = gelu_r(value);
    gelu[at] = activated;
    return magnitude_bits(activated);
  }

  /// Writes gelu of a tile of y that the block has just written: kRows rows from row0 on, kColumns columns from column0 on. For
  /// threads with many elements in registers: their loops are unrolled, and with GELU in them would be several times as long.
  /// Returns the bits of the largest magnitude of a thread's elements.
  template <int kRows, int kColumns, int kThreads>
  __device__ __forceinline__ uint32_t activate(Global<float> y, int64_t row0, int64_t column0, int64_t m, int64_t n) const {
    constexpr int kAtOnce = 4;  // independent, so that one is computed while another waits
    static_assert(kRows * kColumns % (kAtOnce * kThreads) == 0);
    __syncthreads();
    uint32_t largest = 0;
    for (int first = static_cast<int>(threadIdx.x); first < kRows * kColumns; first += kAtOnce * kThreads) {
      float values[kAtOnce];
      int64_t at[kAtOnce];
      for (int j = 0; j < kAtOnce; ++j) {
        const int e = first + j * kThreads;
        const int64_t r = row0 + e / kColumns, c = column0 + e % kColumns;
        at[j] = r < m && c < n ? r * n + c : -1;
        values[j] = at[j] < 0 ? 0.0f : y[at[j]];
      }
      for (int j = 0; j < kAtOnce; ++j) values[j] = gelu_r(values[j]);
      for (int j = 0; j < kAtOnce; ++j) {
        if (at[j] >= 0) gelu[at[j]] = values[j];
        largest = larger(largest, magnitude_bits(values[j]));
      }
    }
    return largest;
  }
};

}  // namespace ternion
