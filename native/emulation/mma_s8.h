// Twin of native/cuda/device/mma_s8.h: plain loops over the fragments of all lanes. Test code only.
#pragma once
#include <cstdint>

#include "language.h"

namespace ternion {

inline void mma_s8(int32_t (&c)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
  struct Fragments {
    uint32_t a[4], b[2];
  } mine = {{a[0], a[1], a[2], a[3]}, {b[0], b[1]}};
  const Fragments* of = warp_values(mine);
  const auto code = [](uint32_t word, int i) { return static_cast<int32_t>(static_cast<int8_t>(word >> (8 * i))); };
  const int group = emulation::lane() / 4, t = emulation::lane() % 4;
  for (int i = 0; i < 4; ++i) {
    // Element of c: row `group` or group + 8 of a, held by the lanes 4 group .. 4 group + 3; row `column` of b likewise.
    const int upper = i / 2, column = 2 * t + i % 2;
    uint32_t sum = 0;
    for (int k = 0; k < 32; ++k) {
      const int further = k / 16, lane = k % 16 / 4;
      const uint32_t words[2] = {of[4 * group + lane].a[2 * further + upper], of[4 * column + lane].b[further]};
      sum += static_cast<uint32_t>(code(words[0], k % 4) * code(words[1], k % 4));
    }
    c[i] = static_cast<int32_t>(static_cast<uint32_t>(c[i]) + sum);
  }
}

}  // namespace ternion
