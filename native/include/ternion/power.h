// Whole powers in double, by multiplications alone: the same bytes from every compiler and on a GPU, where the C library's
// pow may differ in the last bit. Used for the bias corrections of [ADAMW].
#ifndef TERNION_POWER_H
#define TERNION_POWER_H

#include <cstdint>

#include "ternion/math.h"

namespace ternion {

// base^exponent for an exponent >= 0, by repeated squaring; a negative exponent counts as 0. The relative error stays below
// max(exponent, 1) 2^-53 wherever the result is normal.
TERNION_FN double power(double base, std::int32_t exponent) {
  double result = 1;
  for (; exponent > 0; exponent >>= 1) {
    if (exponent & 1) result *= base;
    base *= base;
  }
  return result;
}

}  // namespace ternion

#endif  // TERNION_POWER_H
