// Ternary and binary weight quantizers, of one weight or of many in a few launches. Ref: [TWN], [BWN], [TI] 1.5
//
// Sums of a group: one warp adds a chunk of 16384 in float, in the canonical order; the chunks are added in double, in order.
// A group of one chunk is quantized by its warp alone; larger ones take a launch for each of sums (unless an update has left
// them), thresholds, codes and scales, all weights in each, and one more packs the panels. Threshold and scale never visit the host.
#include "chunked_sum.h"
#include "cuda_backend.h"
#include "gemm_packed.h"
#include "index.h"
#include "magnitude.h"
#include "nan.h"
#include "tensor_table.h"

namespace ternion {
namespace {

constexpr float kThreshold = 0.7f;
constexpr int kAhead = 16;    // elements that a lane loads before it uses the first: one warp has few loads under way otherwise
constexpr int kWeights = 128; // of a launch

/// Elements [begin, end) of a weight: whole groups. A large group is a Weight of its own.
struct Weight {
  Global<const float> w;
  Global<const double> sums;  ///< of |clamp(w)| over chunks, or null
  Global<int8_t> codes;
  Global<float> scale;
  int64_t begin, end, group;
  float clip;
  int8_t binary;
};
using Weights = TensorTable<Weight, kWeights>;
using OneWeight = TensorTable<Weight, 1>;

__device__ __forceinline__ int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

/// f(i, w[i]) for the elements of this lane, in order.
template <class F>
__device__ __forceinline__ void visit(Global<const float> w, int64_t begin, int64_t end, F f) {
  int64_t i = begin + lane_index();
  for (; i + 32 * (kAhead - 1) < end; i += 32 * kAhead) {
    float ahead[kAhead];
    for (int j = 0; j < kAhead; ++j) ahead[j] = w[i + 32 * j];
    for (int j = 0; j < kAhead; ++j) f(i + 32 * j, ahead[j]);
  }
  for (; i < end; i += 32) f(i, w[i]);
}

/// Sum of |clamp(w)| over up to a chunk, by a whole warp.
__device__ __forceinline__ double absolute_sum(const Weight& t, int64_t begin, int64_t end) {
  float mine = 0;
  visit(t.w, begin, end, [&](int64_t, float value) { mine += clamped_abs(value, t.clip); });
  return static_cast<double>(warp_tree_sum(mine));
}

/// 0.7 of the mean of a group; NaN when the group holds a NaN, and only then.
__device__ __forceinline__ float threshold_of(double total, int64_t group) {
  return kThreshold * static_cast<float>(total / static_cast<double>(group));
}

__device__ __forceinline__ float binary_scale(double total, int64_t group) {
  return plain_nan(static_cast<float>(total / static_cast<double>(group)));
}

/// Mean of the kept magnitudes: 0 when none is kept, NaN when the group holds a NaN.
__device__ __forceinline__ float ternary_scale(double kept, int64_t count, float delta) {
  return delta != delta ? plain_nan(delta) : count > 0 ? static_cast<float>(kept / static_cast<double>(count)) : 0.0f;
}

struct Kept {
  double sum;
  int32_t count;
};

/// Ternary codes of up to a chunk, sum and number of its magnitudes above the threshold, by a whole warp. A threshold is 0.7 of
/// a mean of clamped values, so it lies below the clip and codes need no clamp.
__device__ __forceinline__ Kept ternarize(const Weight& t, int64_t begin, int64_t end, float delta) {
  float mine = 0;
  int32_t count = 0;
  visit(t.w, begin, end, [&](int64_t i, float value) {
    const float a = clamped_abs(value, t.clip);
    mine += a > delta ? a : 0.0f;
    const int8_t code = static_cast<int8_t>((value > delta) - (value < -delta));
    t.codes[i] = code;
    count += code != 0;
  });
  return {static_cast<double>(warp_tree_sum(mine)), warp_tree_sum(count)};
}

__device__ __forceinline__ void binarize(const Weight& t, int64_t begin, int64_t end) {
  visit(t.w, begin, end, [&](int64_t i, float value) { t.codes[i] = value >= 0 ? int8_t{1} : int8_t{-1}; });
}

/// Groups of one chunk: a warp each, eight to a block.
template <class Table>
__global__ void quantize_small(const __grid_constant__ Table table) {
  const int index = table.tensor_of(static_cast<int32_t>(blockIdx.x));
  const Weight& t = table.tensors[index];
  const int64_t g = (int64_t{blockIdx.x} - table.first[index]) * (blockDim.x / 32) + threadIdx.x / 32;
  const int64_t begin = t.begin + g * t.group, end = begin + t.group;
  if (begin >= t.end) return;
  const double total = t.sums ? t.sums[0] : absolute_sum(t, begin, end);
  float scale;
  if (t.binary) {
    binarize(t, begin, end);
    scale = binary_scale(total, t.group);
  } else {
    const float delta = threshold_of(total, t.group);
    const Kept kept = ternarize(t, begin, end, delta);
    scale = ternary_scale(kept.sum, kept.count, delta);
  }
  if (lane_index() == 0) t.scale[begin / t.group] = scale;
}

/// The elements of a large group that block `b` works on: one warp, one chunk.
struct Chunk {
  int index;  ///< of the group in the table
  int64_t begin, end;
};
__device__ __forceinline__ Chunk chunk_of(const Weights& table, unsigned b) {
  const int index = table.tensor_of(static_cast<int32_t>(b));
  const Weight& t = table.tensors[index];
  const int64_t begin = t.begin + (int64_t{b} - table.first[index]) * kSumChunk;
  return {index, begin, smaller(begin + kSumChunk, t.end)};
}

/// sums[b] = sum of |clamp(w)| over chunk b, where the weight does not bring its own.
__global__ void absolute_sums(Global<double> sums, const __grid_constant__ Weights table) {
  const Chunk chunk = chunk_of(table, blockIdx.x);
  const Weight& t = table.tensors[chunk.index];
  if (t.sums) return;
  const double sum = absolute_sum(t, chunk.begin, chunk.end);
  if (lane_index() == 0) sums[blockIdx.x] = sum;
}

/// deltas[t] = threshold of group t; the scale where it is binary. One warp each.
__global__ void thresholds(Global<float> deltas, Global<const double> sums, const __grid_constant__ Weights table) {
  const Weight& t = table.tensors[blockIdx.x];
  const int64_t first = table.first[blockIdx.x], chunks = table.first[blockIdx.x + 1] - first;
  const double total = ordered_sum<double>(chunks, [&](int64_t c) { return t.sums ? t.sums[c] : sums[first + c]; });
  if (lane_index() != 0) return;
  deltas[blockIdx.x] = threshold_of(total, t.group);
  if (t.binary) t.scale[t.begin / t.group] = binary_scale(total, t.group);
}

/// Codes of chunk b; of a ternary one also sum and number of its magnitudes above the threshold.
__global__ void encode_weight(Global<double> kept, Global<int32_t> counts, Global<const float> deltas, const __grid_constant__ Weights table) {
  const Chunk chunk = chunk_of(table, blockIdx.x);
  const Weight& t = table.tensors[chunk.index];
  if (t.binary) {
    binarize(t, chunk.begin, chunk.end);
    return;
  }
  const Kept mine = ternarize(t, chunk.begin, chunk.end, deltas[chunk.index]);
  if (lane_index() != 0) return;
  kept[blockIdx.x] = mine.sum;
  counts[blockIdx.x] = mine.count;
}

/// The scale of group t where it is ternary. One warp each.
__global__ void ternary_scales(Global<const double> kept, Global<const int32_t> counts, Global<const float> deltas,
                               const __grid_constant__ Weights table) {
  const Weight& t = table.tensors[blockIdx.x];
  if (t.binary) return;
  const int64_t first = table.first[blockIdx.x], chunks = table.first[blockIdx.x + 1] - first;
  const double sum = ordered_sum<double>(chunks, [&](int64_t c) { return kept[first + c]; });
  const int64_t count = warp_sum<int64_t>(0, chunks, [&](int64_t c) { return int64_t{counts[first + c]}; });
  if (lane_index() == 0) t.scale[t.begin / t.group] = ternary_scale(sum, count, deltas[blockIdx.x]);
}

/// Bit i set where -clip < w[i] < clip. One lane for each element, so that a warp has 4 bytes of the mask.
__global__ void mask_inside(Global<uint8_t> mask, Global<const float> w, int64_t n, float clip) {
  const int64_t i = thread_index();
  const float value = i < n ? w[i] : clip;
  const uint32_t bits = __ballot_sync(kAllLanes, -clip < value && value < clip);
  const int lane = lane_index();
  if (lane % 8 == 0 && i < n) mask[i / 8] = static_cast<uint8_t>(bits >> lane);
}

constexpr int kWeightWarps = 8;  // of a block of quantize_small

template <class Table>
void start_small(CudaBackend& backend, const char* name, const std::vector<Weight>& weights) {
  for_tables<Table>(
      weights,
      [](Table& table, const Weight& t) { return table.add(t, ((t.end - t.begin) / t.group + kWeightWarps - 1) / kWeightWarps); },
      [&](const Table& table) { launch(backend.shape(name, table.blocks(), 32 * kWeightWarps), quantize_small<Table>, table); });
}

/// Kernels of a warp per chunk run in blocks of one warp: a tensor has few chunks, and each shall have a multiprocessor's
/// share of the memory to itself.
void start_large(CudaBackend& backend, const char* name, const Weights& table) {
  const int64_t chunks = table.blocks(), groups = table.count;
  Scratch sum_buffer(backend, F64, chunks), count_buffer(backend, S32, chunks), delta_buffer(backend, REAL, groups);
  const Global<double> sums = doubles(*sum_buffer, chunks, name);
  const Global<int32_t> counts = ints(*count_buffer, chunks, name);
  const Global<float> deltas = reals(*delta_buffer, groups, name);
  bool summed = true;
  for (int i = 0; i < table.count; ++i) summed = summed && table.tensors[i].sums;
  if (!summed) launch(backend.shape(name, chunks, 32), absolute_sums, sums, table);
  launch(backend.shape(name, groups, 32), thresholds, deltas, sums, table);
  launch(backend.shape(name, chunks, 32), encode_weight, sums, counts, deltas, table);
  launch(backend.shape(name, groups, 32), ternary_scales, sums, counts, deltas, table);
}

/// Weights by the way they take.
struct Sorted {
  std::vector<Weight> small, large;

  void add(const Weight& weight) {
    if (weight.group <= kSumChunk) {
      small.push_back(weight);
      return;
    }
    for (int64_t begin = weight.begin; begin < weight.end; begin += weight.group) {
      large.push_back(weight);
      large.back().begin = begin;
      large.back().end = begin + weight.group;
    }
  }
  void start(CudaBackend& backend, const char* name) const {
    if (small.size() == 1) start_small<OneWeight>(backend, name, small);
    else start_small<Weights>(backend, name, small);
    for_tables<Weights>(
        large, [](Weights& table, const Weight& t) { return table.add(t, sum_chunks(t.group)); },
        [&](const Weights& table) { start_large(backend, name, table); });
  }
};

/// One weight of n elements.
Weight lone(Buffer& codes, Buffer& scale, const Buffer& w, int64_t n, int64_t group, double clip, bool binary, const std::string& name) {
  if (group < 1 || n % group != 0)
    throw std::invalid_argument("[" + name + "] group " + std::to_string(group) + " must divide " + std::to_string(n));
  Weight t = {};
  t.w = reals(w, n, (name + " w").c_str());
  t.codes = codes_of(codes, n, (name + " codes").c_str());
  t.scale = reals(scale, n / group, (name + " scale").c_str());
  t.end = n;
  t.group = group;
  t.clip = static_cast<float>(clip);
  t.binary = binary;
  return t;
}

}  // namespace

void CudaBackend::quantize_ternary(Buffer& codes, Buffer& scale, const Buffer& w, int64_t n, int64_t group, double clip) {
  Sorted sorted;
  sorted.add(lone(codes, scale, w, n, group, clip, false, "quantize_ternary"));
  sorted.start(*this, "quantize_ternary");
}

void CudaBackend::quantize_binary(Buffer& codes, Buffer& scale, Buffer* mask, const Buffer& w, int64_t n, int64_t group, double clip) {
  Sorted sorted;
  sorted.add(lone(codes, scale, w, n, group, clip, true, "quantize_binary"));
  sorted.start(*this, "quantize_binary");
  if (!mask) return;
  const Global<uint8_t> bits = bytes_of(*mask, (n + 7) / 8, "quantize_binary mask");
  launch(each("quantize_binary", n), mask_inside, bits, reals(w, n, "quantize_binary w"), n, static_cast<float>(clip));
}

void CudaBackend::quantize_weights(const WeightList& list) {
  Sorted sorted;
  std::vector<Packing> panels;
  for (const auto& e : list.entries()) {
    const int64_t n = e.rows * e.cols;
    Weight t = lone(*e.codes, *e.scale, *e.w, n, e.group, e.clip, e.binary, "quantize_weights");
    panels.push_back(packing(bytes_of(*e.panel, panel_size(e.rows, e.cols, e.binary), "quantize_weights panel"), t.codes, e.rows, e.cols,
                             e.binary));
    if (e.sums) t.sums = doubles(*e.sums, sum_chunks(n), "quantize_weights sums");
    sorted.add(t);
  }
  sorted.start(*this, "quantize_weights");
  pack_panels(*this, "quantize_weights", panels);
}

}  // namespace ternion
