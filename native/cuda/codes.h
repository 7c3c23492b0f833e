// Rows of s8 codes as the integer products read them: consecutive in k, padded with zeros to a multiple of 16.
#pragma once
#include <cstdint>

#include "language.h"

namespace ternion {

constexpr int kCodes = 16;  ///< of a Codes

/// 16 codes of a row, four to a word, the lowest byte first.
struct alignas(16) Codes {
  uint32_t word[kCodes / 4];
};

/// k rounded up to whole Codes.
inline int64_t padded(int64_t k) { return (k + kCodes - 1) / kCodes * kCodes; }

/// `bytes` of device memory as elements of T.
template <class T>
Global<const T> words_of(const void* memory, int64_t bytes) {
  return Global<const T>(static_cast<const T*>(memory), bytes / static_cast<int64_t>(sizeof(T)));
}

}  // namespace ternion
