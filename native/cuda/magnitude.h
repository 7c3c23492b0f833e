// What the statistics of a weight are made of.
#pragma once
#include "language.h"

namespace ternion {

/// |clamp(w, -clip, clip)|.
__device__ __forceinline__ float clamped_abs(float w, float clip) {
  const float a = w < 0 ? -w : w;
  return a > clip ? clip : a;
}

}  // namespace ternion
