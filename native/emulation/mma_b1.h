// Twin of native/cuda/device/mma_b1.h: plain loops over the fragments of all lanes. Test code only.
#pragma once
#include <cstdint>

#include "language.h"

namespace ternion {

inline void mma_b1_and(int32_t (&c)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
  struct Fragments {
    uint32_t a[4], b[2];
  } mine = {{a[0], a[1], a[2], a[3]}, {b[0], b[1]}};
  const Fragments* of = warp_values(mine);
  const int group = emulation::lane() / 4, t = emulation::lane() % 4;
  for (int i = 0; i < 4; ++i) {
    // Element of c: row `group` or group + 8 of a, held by the lanes 4 group .. 4 group + 3; row `column` of b likewise.
    const int upper = i / 2, column = 2 * t + i % 2;
    for (int word = 0; word < 8; ++word) {
      const int further = word / 4, lane = word % 4;
      c[i] += __popc(of[4 * group + lane].a[2 * further + upper] & of[4 * column + lane].b[further]);
    }
  }
}

}  // namespace ternion
