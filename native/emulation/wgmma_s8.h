// Twin of native/cuda/device/wgmma_s8.h: reads shared memory as the descriptors say, at once instead of beside the threads. The
// address of a descriptor counts from the beginning of the array. Test code only.
#pragma once
#include <cstdint>

#include "codes.h"
#include "language.h"

namespace ternion {

inline uint64_t operand(Shared<Codes>, int at, int along, int down) {
  const uint64_t address = static_cast<uint64_t>(at & 0x3fff);
  return address | static_cast<uint64_t>(along & 0x3fff) << 16 | static_cast<uint64_t>(down & 0x3fff) << 32;
}

inline void show_to_products() {}
inline void begin_products(int32_t (&)[64]) {}
inline void commit_products() {}
inline void finish_products(int32_t (&)[64]) {}

namespace emulation {

/// The 32 codes of a row of an operand.
struct ProductRow {
  Codes half[2];

  ProductRow(Shared<Codes> memory, uint64_t operand, int row) {
    const int at = operand & 0x3fff, along = operand >> 16 & 0x3fff, down = operand >> 32 & 0x3fff;
    for (int i = 0; i < 2; ++i) half[i] = memory[at + i * along + row / 8 * down + row % 8];
  }

  int32_t dot(const ProductRow& other) const {
    int32_t sum = 0;
    for (int i = 0; i < 2; ++i)
      for (int word = 0; word < kCodes / 4; ++word)
        sum = __dp4a(static_cast<int>(half[i].word[word]), static_cast<int>(other.half[i].word[word]), sum);
    return sum;
  }
};

}  // namespace emulation

inline void wgmma_s8(int32_t (&c)[64], Shared<Codes> memory, uint64_t a, uint64_t b) {
  const int thread = static_cast<int>(threadIdx.x % 128), group = thread % 32 / 4, t = thread % 4;
  const int row = thread / 32 * 16 + group;
  const emulation::ProductRow upper(memory, a, row), lower(memory, a, row + 8);
  for (int column = 0; column < 128; column += 8)
    for (int i = 0; i < 2; ++i) {
      const emulation::ProductRow of_b(memory, b, column + 2 * t + i);
      c[column / 2 + i] += upper.dot(of_b);
      c[column / 2 + 2 + i] += lower.dot(of_b);
    }
}

}  // namespace ternion
