// The clamp of the symmetric quantizer, and its scale from the largest magnitude of a group. Ref: [TI] 1.3
#pragma once
#include "language.h"
#include "ternion/math.h"

namespace ternion {

constexpr float kSmallestMaximum = 1e-30f;  ///< below this a maximum counts as 0: its reciprocal would not be finite

/// A NaN becomes -clip, so that its code is defined; the step is NaN then.
__device__ __forceinline__ float clamp(float x, float clip) { return x >= -clip ? (x > clip ? clip : x) : -clip; }

/// The maximum of |clamp(x)|, from the largest magnitude bits; NaN when any element is NaN.
__device__ __forceinline__ float clipped_max(uint32_t top, float clip) {
  const float m = bits_float(top);
  return m > clip ? clip : m < kSmallestMaximum ? 0.0f : m;
}

/// m / levels. A NaN becomes the same NaN, quiet, as the CPU's division gives; a GPU's gives another.
__device__ __forceinline__ float step_of(float m, float levels) {
  return m != m ? bits_float(float_bits(m) | 0x00400000u) : m / levels;
}

__device__ __forceinline__ float scale_of(float m, float levels) { return m > 0.0f ? levels / m : 0.0f; }

}  // namespace ternion
