// What probabilities pass through on their way to the values, on the device: dropout, then the quantizer. Ref: [PHILOX], [TI] 1.3
#pragma once
#include "map_tile.h"
#include "quantizer.h"
#include "ternion/map_path_checks.h"
#include "ternion/philox.h"

namespace ternion {

/// Device view of a MapPath.
struct Path {
  bool drops = false, quantizes = false;
  uint64_t seed = 0;
  uint32_t site = 0, threshold = 0;
  float kept = 1, clip = 0, levels = 0;
  Global<const int32_t> step;

  Path() = default;
  Path(const MapPath& path, const char* what)
      : drops(path.p != 0), quantizes(path.bits != 0), seed(static_cast<uint64_t>(path.seed)),
        site(static_cast<uint32_t>(path.site)), threshold(dropout_threshold(path.p)),
        kept(1.0f / (1.0f - static_cast<float>(path.p))), clip(static_cast<float>(path.clip)),
        levels(static_cast<float>((1 << (path.bits > 0 ? path.bits - 1 : 0)) - 1)) {
    check_map_path(path, what);
    if (drops) step = ints(*path.step, 1, what);
  }

  /// Bit i: the element of this lane in the warp's row i of a tile is kept. The rows start at elements begin + i * stride.
  /// 32 elements lie in up to 9 Philox blocks: the lanes make those of all rows and pass on their 4 bits.
  __device__ unsigned kept_bits(int64_t begin, int64_t stride) const {
    constexpr int kBlocks = 9, kRounds = (kRowsEach * kBlocks + 31) / 32;
    if (!drops) return 0xffffffffu;
    unsigned made = 0;
    for (int round = 0; round < kRounds; ++round) {
      const int item = lane_index() + 32 * round, row = item / kBlocks;
      const int64_t at = begin + row * stride;
      const PhiloxBlock words =
          dropout_block(seed, static_cast<uint32_t>(step[0]), site, static_cast<uint64_t>(at / 4 + item % kBlocks));
      for (int j = 0; j < 4; ++j) made |= static_cast<unsigned>(words.w[j] >= threshold) << (4 * round + j);
    }
    unsigned bits = 0;
    for (int i = 0; i < kRowsEach; ++i) {
      const int64_t at = begin + i * stride, element = at + lane_index();
      const int item = i * kBlocks + static_cast<int>(element / 4 - at / 4);
      const unsigned four = __shfl_sync(kAllLanes, made, item % 32) >> (4 * (item / 32));
      bits |= (four >> (element % 4) & 1u) << i;
    }
    return bits;
  }

  /// A probability after dropout.
  __device__ float dropped(float probability, bool keeps) const {
    return !drops ? probability : keeps ? probability * kept : 0.0f;
  }

  /// Its code as a whole number; `scale` is levels / maximum, or 0.
  __device__ float code(float x, float scale) const {
    return round_half_even(clamp(x, clip) * scale);
  }
};

/// First row of a block among the rows of all maps.
__device__ __forceinline__ int64_t first_map_row(const Blocks& all, const Block& b) {
  return all.heads * b.row + b.column / all.dim * b.queries;
}

/// Maximum and inverse sum of exponentials of the warp's rows of a tile; whatever outside the block.
struct RowStats {
  float top[kRowsEach], inverse[kRowsEach];
};
__device__ __forceinline__ RowStats load_stats(Global<const float> stats, const Blocks& all, const Block& b, int64_t first) {
  RowStats of;
  for (int i = 0; i < kRowsEach; ++i) {
    const int64_t row = first + warp_row() + i;
    const bool inside = row < b.queries;
    of.top[i] = inside ? stats[2 * (first_map_row(all, b) + row)] : 0.0f;
    of.inverse[i] = inside ? stats[2 * (first_map_row(all, b) + row) + 1] : 0.0f;
  }
  return of;
}

}  // namespace ternion
