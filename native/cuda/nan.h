// NaN bytes. x86 arithmetic passes on the NaN it is given, which comes from the host as 0x7fc00000; a GPU's arithmetic
// makes 0x7fffffff of any.
#pragma once
#include "language.h"
#include "ternion/math.h"

namespace ternion {

/// x, a NaN as 0x7fc00000.
__device__ __forceinline__ float plain_nan(float x) { return x != x ? bits_float(TERNION_NAN_BITS) : x; }

}  // namespace ternion
