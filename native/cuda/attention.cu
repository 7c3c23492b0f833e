// Attention of operands: scores, softmax, dropout, quantizer and context without a map in memory. The step of the
// probabilities needs the largest of all maps, so the scores are made twice. Ref: [TI] 0.1, 1.3
#include "map_gradient.h"
#include "quantizer.h"
#include "tops.h"

namespace ternion {
namespace {

constexpr int kPartWords = kTile / 4;        // words of a row of codes of a map tile, and of 32 keys of v
constexpr int kPartPitch = kPartWords + 4;   // the 8 rows of a fragment meet different banks
constexpr int kOutColumns = kOut * kTile;

__device__ __forceinline__ float warp_top(float mine) {
  for (int bits = 16; bits > 0; bits /= 2) {
    const float other = __shfl_xor_sync(kAllLanes, mine, bits);
    mine = other > mine ? other : mine;
  }
  return mine;
}
__device__ __forceinline__ int32_t warp_top(int32_t mine) {
  for (int bits = 16; bits > 0; bits /= 2) {
    const int32_t other = __shfl_xor_sync(kAllLanes, mine, bits);
    mine = other > mine ? other : mine;
  }
  return mine;
}

/// stats of 32 rows, and with `tops` the magnitude bits of their largest probability after dropout.
__global__ void __launch_bounds__(kMapThreads)
    stats_of(Blocks all, Global<float> stats, Global<uint32_t> tops, ScoreSource source, Path path) {
  TERNION_TILE_MEMORY(memory);
  TERNION_SHARED(float, s, kTile * kPitch);
  const RowTile tile(all, blockIdx.x);
  if (tile.empty()) return;
  const Block& b = tile.block;
  const int lane = lane_index(), row0 = warp_row();
  float top[kRowsEach] = {}, sum[kRowsEach] = {};
  int32_t best[kRowsEach];  // bits of the largest exponential that is kept, -1 where none is
  for (int i = 0; i < kRowsEach; ++i) best[i] = -1;
  for (int64_t key = 0; key < b.keys; key += kTile) {
    score_tile(s, memory, source, all, b, tile.first, key);
    for (int i = 0; i < kRowsEach; ++i) {
      if (key == 0) top[i] = s[(row0 + i) * kPitch];
      const float score = key + lane < b.keys ? s[(row0 + i) * kPitch + lane] : top[i];
      top[i] = score > top[i] ? score : top[i];
    }
  }
  for (int i = 0; i < kRowsEach; ++i) top[i] = warp_top(top[i]);
  for (int64_t key = 0; key < b.keys; key += kTile) {
    score_tile(s, memory, source, all, b, tile.first, key);
    const unsigned kept = tops ? path.kept_bits(b.map + (tile.first + row0) * b.queries + key, b.queries) : 0u;
    if (key + lane < b.keys)
      for (int i = 0; i < kRowsEach; ++i) {
        const float e = exp_r(s[(row0 + i) * kPitch + lane] - top[i]);
        const int32_t bits = static_cast<int32_t>(float_bits(e));
        sum[i] += e;
        if ((kept >> i & 1u) != 0 && bits > best[i]) best[i] = bits;
      }
  }
  uint32_t largest = 0;
  for (int i = 0; i < kRowsEach; ++i) {
    const int64_t row = tile.first + row0 + i;
    const float inverse = 1.0f / warp_tree_sum(sum[i]);
    const int32_t bits = warp_top(best[i]);
    if (row >= b.queries) continue;
    const float x = bits < 0 ? 0.0f : path.dropped(bits_float(static_cast<uint32_t>(bits)) * inverse, true);
    const uint32_t magnitude = magnitude_bits(plain_nan(x));
    largest = larger(largest, magnitude);
    if (lane != 0) continue;
    stats[2 * (first_map_row(all, b) + row)] = plain_nan(top[i]);
    stats[2 * (first_map_row(all, b) + row) + 1] = plain_nan(inverse);
  }
  raise_top(tops, 0, largest);
}

/// Where context_of puts its rows.
struct ContextTile {
  Global<float> to;
  float factor;
  int64_t first, column;

  /// Returns the magnitude bits of what it stored.
  __device__ uint32_t store(const Blocks& all, const Block& b, int row, int c, float sum) const {
    if (first + row >= b.queries || column + c >= all.dim) return 0;
    const float value = plain_nan(sum * factor);
    to[(b.row + first + row) * all.width + b.column + column + c] = value;
    return magnitude_bits(value);
  }
};

/// words[c, w] = codes of v of 4 keys, column column + c.
__device__ __forceinline__ void load_value_words(Shared<uint32_t> words, const Operand& v, const Blocks& all, const Block& b,
                                                 int64_t key, int64_t column) {
  const int c = static_cast<int>(threadIdx.x) % kOutColumns, part = static_cast<int>(threadIdx.x) / kOutColumns;
  const int keys = column + c >= all.dim ? 0 : b.keys - key < kTile ? static_cast<int>(b.keys - key) : kTile;
  for (int w = part; w < kPartWords; w += kMapThreads / kOutColumns) {
    int64_t at = (b.row + key + 4 * w) * all.width + b.column + column + c;
    uint32_t value = 0;
    for (int i = 0; i < 4; ++i, at += all.width)
      if (4 * w + i < keys) value |= static_cast<uint32_t>(static_cast<uint8_t>(v.codes[at])) << (8 * i);
    words[c * kPartPitch + w] = value;
  }
}

/// The codes of a warp's rows as words: four lanes join theirs.
__device__ __forceinline__ void put_code_word(Shared<uint32_t> words, int row, float code) {
  const int lane = lane_index();
  uint32_t word = (static_cast<uint32_t>(static_cast<int32_t>(code)) & 0xffu) << (8 * (lane % 4));
  word |= __shfl_xor_sync(kAllLanes, word, 1);
  word |= __shfl_xor_sync(kAllLanes, word, 2);
  if (lane % 4 == 0) words[row * kPartPitch + lane / 4] = word;
}

/// 32 rows x 64 columns of the context of quantized probabilities and codes; exact integers by the tensor cores.
__global__ void __launch_bounds__(kMapThreads)
    context_of_codes(Blocks all, Global<float> context, Global<float> step, Global<const float> stats, Global<const uint32_t> tops,
                     ScoreSource source, Path path, Operand v, int64_t parts, Global<uint32_t> context_top) {
  TERNION_TILE_MEMORY(memory);
  TERNION_SHARED(float, s, kTile * kPitch);
  TERNION_SHARED(uint32_t, p_words, kTile * kPartPitch);
  TERNION_SHARED(uint32_t, v_words, kOutColumns * kPartPitch);
  const float m = clipped_max(tops[0], path.clip), scale = scale_of(m, path.levels), probs_step = step_of(m, path.levels);
  if (blockIdx.x == 0 && threadIdx.x == 0) {
    step[0] = probs_step;
    step[1] = scale;
  }
  const RowTile tile(all, blockIdx.x / parts);
  if (tile.empty()) return;
  const Block& b = tile.block;
  const ContextTile out{context, probs_step * v.step(), tile.first, blockIdx.x % parts * kOutColumns};
  const int warp = static_cast<int>(threadIdx.x) / 32, lane = lane_index(), row0 = warp_row();
  const RowStats of = load_stats(stats, all, b, tile.first);
  int32_t sums[4][4] = {};
  for (int64_t key = 0; key < b.keys; key += kTile) {
    score_tile(s, memory, source, all, b, tile.first, key);
    const unsigned kept = path.kept_bits(b.map + (tile.first + row0) * b.queries + key, b.queries);
    for (int i = 0; i < kRowsEach; ++i) {
      const float p = exp_r(s[(row0 + i) * kPitch + lane] - of.top[i]) * of.inverse[i];
      const float x = path.dropped(p, (kept >> i & 1u) != 0);
      put_code_word(p_words, row0 + i, key + lane < b.keys ? path.code(x, scale) : 0.0f);
    }
    load_value_words(v_words, v, all, b, key, out.column);
    __syncthreads();
    for (int n = 0; n < 4; ++n)
      multiply_codes(sums[n], p_words, warp / 2 * 16, kPartPitch, v_words, warp % 2 * 32 + 8 * n, kPartPitch, 0);
    __syncthreads();
  }
  const int group = lane / 4, t = lane % 4;
  uint32_t top = 0;
  for (int n = 0; n < 4; ++n)
    for (int i = 0; i < 4; ++i)
      top = larger(top, out.store(all, b, warp / 2 * 16 + group + i / 2 * 8, warp % 2 * 32 + 8 * n + 2 * t + i % 2,
                                  static_cast<float>(sums[n][i])));
  raise_top(context_top, 0, top);
}

/// The same without quantizer.
__global__ void __launch_bounds__(kMapThreads)
    context_of_reals(Blocks all, Global<float> context, Global<const float> stats, ScoreSource source, Path path, Operand v,
                     int64_t parts, Global<uint32_t> context_top) {
  TERNION_TILE_MEMORY(memory);
  TERNION_SHARED(float, s, kTile * kPitch);
  const RowTile tile(all, blockIdx.x / parts);
  if (tile.empty()) return;
  const Block& b = tile.block;
  const ContextTile out{context, v.step(), tile.first, blockIdx.x % parts * kOutColumns};
  const int lane = lane_index(), row0 = warp_row();
  const RowStats of = load_stats(stats, all, b, tile.first);
  TileSums sums[kOut];
  for (int64_t key = 0; key < b.keys; key += kTile) {
    score_tile(s, memory, source, all, b, tile.first, key);
    const unsigned kept = path.kept_bits(b.map + (tile.first + row0) * b.queries + key, b.queries);
    for (int i = 0; i < kRowsEach; ++i) {
      const int at = (row0 + i) * kPitch + lane;
      const float p = exp_r(s[at] - of.top[i]) * of.inverse[i];
      s[at] = path.dropped(p, (kept >> i & 1u) != 0);
    }
    multiply_tokens(sums, s, 1, kPitch, memory, v, 1.0f, all, b, key, b.keys, out.column);
  }
  uint32_t top = 0;
  for (int half = 0; half < kOut; ++half)
    for (int i = 0; i < kOwnRows; ++i)
      for (int j = 0; j < kOwnColumns; ++j)
        top = larger(top, out.store(all, b, own_row(i), half * kTile + own_column(j), sums[half].of[i][j]));
  raise_top(context_top, 0, top);
}

}  // namespace

void CudaBackend::attention_forward(Buffer& context, Buffer& stats, Buffer* probs_step, const ScoreOperands& scores,
                                    const MapPath& map_path, const Buffer& v, const Buffer* v_step, const Layout& layout,
                                    Buffer* tops, int64_t slot) {
  const Blocks all(layout);
  const Path path(map_path, "attention_forward");
  const ScoreSource source(scores, all, "attention_forward scores");
  const Operand vo(v, v_step, all.rows * all.width, "attention_forward v");
  const Global<float> cp = reals(context, all.rows * all.width, "attention_forward context");
  const Global<float> sp = reals(stats, 2 * all.map_rows(), "attention_forward stats");
  check_probs_step(path.quantizes, probs_step, "attention_forward");
  if (path.quantizes != (v_step != nullptr))
    throw std::invalid_argument("[attention_forward] v must be codes where bits > 0, and REAL elsewhere");
  const Global<uint32_t> context_top = top_of(tops, slot, "attention_forward tops");
  const int64_t parts = column_parts(all);
  if (!path.quantizes) {
    launch(shape("attention_forward", row_tiles(all), kMapThreads), stats_of, all, sp, Global<uint32_t>(), source, path);
    launch(shape("attention_forward", row_tiles(all) * parts, kMapThreads), context_of_reals, all, cp, sp, source, path, vo, parts,
           context_top);
    return;
  }
  const Global<float> step = reals(*probs_step, 2, "attention_forward step");
  const Scratch scratch(*this, S32, 1);
  const Global<uint32_t> largest = elements<uint32_t>(*scratch, S32, 1, "attention_forward maximum");
  set_all(*scratch, 0);
  launch(shape("attention_forward", row_tiles(all), kMapThreads), stats_of, all, sp, largest, source, path);
  launch(shape("attention_forward", row_tiles(all) * parts, kMapThreads), context_of_codes, all, cp, step, sp, largest, source, path,
         vo, parts, context_top);
}

void CudaBackend::attention_backward(Buffer* dq, Buffer* dk, Buffer& dv, const Buffer& dcontext, const Buffer& stats,
                                     const Buffer* probs_step, const ScoreOperands& scores, const MapPath& map_path,
                                     const Buffer& v, const Buffer* v_step, const ScoreOperands* target, double denominator,
                                     double weight, const Layout& layout) {
  const Blocks all(layout);
  const int64_t n = all.rows * all.width;
  if ((dq == nullptr) != (dk == nullptr) || (target && !dq))
    throw std::invalid_argument("[attention_backward] pass both dq and dk, or neither and no target");
  const Path path(map_path, "attention_backward");
  check_probs_step(path.quantizes, probs_step, "attention_backward");
  MapGradient work(all, ScoreSource(scores, all, "attention_backward scores"));
  if (target) work.want(ScoreSource(*target, all, "attention_backward target"), static_cast<float>(weight * 2 / denominator));
  work.attend(path, Operand(v, v_step, n, "attention_backward v"), Operand(dcontext, nullptr, n, "attention_backward dcontext"),
              reals(stats, 2 * all.map_rows(), "attention_backward stats"),
              probs_step ? reals(*probs_step, 2, "attention_backward step") : Global<const float>());
  launch_gradients(*this, "attention_backward", work, dq ? reals(*dq, n, "attention_backward dq") : Global<float>(),
                   dk ? reals(*dk, n, "attention_backward dk") : Global<float>(), reals(dv, n, "attention_backward dv"));
}

}  // namespace ternion
