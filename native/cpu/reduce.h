// Reductions in the canonical order: 32 strided partial results, then a fixed tree. Vectorizes because lanes are
// independent; gives the same bytes on every instruction set. [performance.md 10]
#pragma once
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace ternion {
namespace TERNION_NS {

constexpr int kLanes = 32;

/// Sum of f(i) for i in [begin, end).
template <class T, class F>
inline T strided_sum(int64_t begin, int64_t end, F&& f) {
  T lane[kLanes] = {};
  int64_t i = begin;
  for (; i + kLanes <= end; i += kLanes)
    for (int j = 0; j < kLanes; ++j) lane[j] += f(i + j);
  for (int j = 0; i + j < end; ++j) lane[j] += f(i + j);
  for (int width = kLanes / 2; width > 0; width /= 2)
    for (int j = 0; j < width; ++j) lane[j] += lane[j + width];
  return lane[0];
}

/// Maximum of f(i) for i in [begin, end), at least `floor`. Order-free.
template <class T, class F>
inline T strided_max(int64_t begin, int64_t end, T floor, F&& f) {
  T lane[kLanes];
  for (int j = 0; j < kLanes; ++j) lane[j] = floor;
  int64_t i = begin;
  for (; i + kLanes <= end; i += kLanes)
    for (int j = 0; j < kLanes; ++j) {
      const T value = f(i + j);
      lane[j] = value > lane[j] ? value : lane[j];
    }
  for (int j = 0; i + j < end; ++j) {
    const T value = f(i + j);
    lane[j] = value > lane[j] ? value : lane[j];
  }
  for (int j = 1; j < kLanes; ++j) lane[0] = lane[j] > lane[0] ? lane[j] : lane[0];
  return lane[0];
}

/// Maximum of |x[i]| for i in [begin, end), 0 for an empty range; NaN when any is NaN. Compares bit patterns, which order
/// like the magnitudes they stand for, with NaN above infinity: as an atomic maximum on a GPU would.
inline real magnitude_max(const real* x, int64_t begin, int64_t end) {
  using Bits = std::conditional_t<sizeof(real) == 4, uint32_t, uint64_t>;
  const Bits sign = Bits(1) << (8 * sizeof(real) - 1);
  const Bits top = strided_max<Bits>(begin, end, 0, [&](int64_t i) {
    Bits bits;
    std::memcpy(&bits, x + i, sizeof bits);
    return bits & ~sign;
  });
  real value;
  std::memcpy(&value, &top, sizeof value);
  return value;
}

}  // namespace TERNION_NS
}  // namespace ternion
