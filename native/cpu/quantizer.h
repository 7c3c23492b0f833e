// The clamp and the scale of the symmetric quantizer. Ref: [TI] 1.3
#pragma once
#include "cpu_backend.h"

namespace ternion {
namespace TERNION_NS {

constexpr real kSmallestMaximum = real(1e-30);  ///< below this a maximum counts as 0: its reciprocal would not be finite

/// A NaN becomes -clip, so that its code is defined; the step is NaN then.
inline real clamp(real x, real clip) { return x >= -clip ? (x > clip ? clip : x) : -clip; }

/// The maximum of |clamp(x)|, from that of |x|; NaN stays NaN.
inline real clipped_max(real top, real clip) { return top > clip ? clip : top < kSmallestMaximum ? real(0) : top; }

inline real scale_of(real m, real levels) { return m > 0 ? levels / m : real(0); }

}  // namespace TERNION_NS
}  // namespace ternion
