// What every backend asks of a MapPath, and of the step of the probabilities: given where they are quantized, only there.
#pragma once
#include <stdexcept>
#include <string>

#include "buffer.h"

namespace ternion {

inline void check_map_path(const MapPath& path, const char* what) {
  if (!(path.p >= 0 && path.p < 1))
    throw std::invalid_argument(std::string("[") + what + "] p = " + std::to_string(path.p) + " is outside [0, 1)");
  if (path.bits != 0 && (path.bits < 2 || path.bits > 8))
    throw std::invalid_argument(std::string("[") + what + "] bits = " + std::to_string(path.bits) + ", wanted 0 or 2 .. 8");
  if (path.p != 0 && !path.step)
    throw std::invalid_argument(std::string("[") + what + "] dropout wants the step: pass its buffer");
}

inline void check_probs_step(bool quantizes, const Buffer* probs_step, const char* what) {
  if (quantizes != (probs_step != nullptr))
    throw std::invalid_argument(std::string("[") + what + "] pass a step of the probabilities where bits > 0, and only there");
}

}  // namespace ternion
