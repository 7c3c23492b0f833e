// bf16, the upper half of a float, as CPU and CUDA backend round to it.
#pragma once
#include <cstdint>

#include "math.h"

namespace ternion {

/// The nearest bf16, half to even; a NaN becomes the quiet NaN 0x7fc0.
TERNION_FN std::uint16_t to_bf16(float x) {
  const std::uint32_t u = float_bits(x);
  const bool nan = (u & 0x7fffffffu) > 0x7f800000u;
  return static_cast<std::uint16_t>(nan ? 0x7fc0u : (u + 0x7fffu + ((u >> 16) & 1u)) >> 16);
}

/// Its value, exactly.
TERNION_FN float from_bf16(std::uint16_t b) { return bits_float(static_cast<std::uint32_t>(b) << 16); }

}  // namespace ternion
