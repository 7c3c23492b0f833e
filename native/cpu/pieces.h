// Many tensors as one list of pieces for the threads: a small tensor is one piece, a large one several.
#pragma once
#include <cstdint>
#include <vector>

#include "reduce.h"
#include "ternion/buffer.h"

namespace ternion {
namespace TERNION_NS {

/// Elements [begin, end) of a tensor: one chunk of a tensor-wide sum.
struct Piece {
  size_t tensor;  ///< index in the list
  int64_t begin, end;
};

/// The pieces of all tensors, in order; count(tensor) is its number of elements.
template <class F>
std::vector<Piece> pieces_of(size_t tensors, F&& count) {
  std::vector<Piece> pieces;
  for (size_t t = 0; t < tensors; ++t)
    for (int64_t begin = 0, n = count(t); begin < n; begin += kSumChunk)
      pieces.push_back({t, begin, begin + kSumChunk < n ? begin + kSumChunk : n});
  return pieces;
}

/// |clamp(w, -clip, clip)|.
inline real clamped_abs(real w, real clip) {
  const real a = w < 0 ? -w : w;
  return a > clip ? clip : a;
}

/// Sum of |clamp(w)| over a chunk.
inline double absolute_sum_of_chunk(const real* w, int64_t begin, int64_t end, real clip) {
  return static_cast<double>(strided_sum<real>(begin, end, [&](int64_t i) { return clamped_abs(w[i], clip); }));
}

}  // namespace TERNION_NS
}  // namespace ternion
