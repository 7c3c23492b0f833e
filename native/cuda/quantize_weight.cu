// Ternary and binary weight quantizers. Ref: [TWN], [BWN], [TI] 1.5
//
// Sums of a group: one warp adds a chunk of 16384 in float, in the canonical order; one thread adds the chunks in double,
// in order. Threshold and scale never visit the host.
#include "cuda_backend.h"
#include "index.h"
#include "magnitude.h"
#include "nan.h"
#include "reduce.h"

namespace ternion {
namespace {

constexpr float kThreshold = 0.7f;
constexpr int kAhead = 16;  // elements that a lane loads before it adds the first: one warp has few loads under way otherwise

/// The elements [begin, end) of chunk `c`; a group has `chunks` chunks, the last one may be shorter.
struct Chunk {
  int64_t begin, end;
};
__device__ __forceinline__ Chunk chunk_of(int64_t c, int64_t group, int64_t chunks) {
  const int64_t g = c / chunks, begin = g * group + c % chunks * kSumChunk, end = (g + 1) * group;
  return {begin, begin + kSumChunk < end ? begin + kSumChunk : end};
}

/// f(i, w[i]) for the elements of this lane, in order.
template <class F>
__device__ __forceinline__ void visit(Global<const float> w, Chunk chunk, F f) {
  int64_t i = chunk.begin + lane_index();
  for (; i + 32 * (kAhead - 1) < chunk.end; i += 32 * kAhead) {
    float ahead[kAhead];
    for (int j = 0; j < kAhead; ++j) ahead[j] = w[i + 32 * j];
    for (int j = 0; j < kAhead; ++j) f(i + 32 * j, ahead[j]);
  }
  for (; i < chunk.end; i += 32) f(i, w[i]);
}

/// The chunks of group g, added in order.
template <class T>
__device__ __forceinline__ T group_total(Global<const T> of_chunk, int64_t g, int64_t chunks) {
  T total = 0;
  for (int64_t c = g * chunks; c < (g + 1) * chunks; ++c) total += of_chunk[c];
  return total;
}

/// sums[c] = sum of |clamp(w)| over chunk c. One warp each.
__global__ void absolute_sums(Global<double> sums, Global<const float> w, int64_t group, int64_t chunks, int64_t all_chunks,
                              float clip) {
  const int64_t c = warp_index();
  if (c >= all_chunks) return;
  float mine = 0;
  visit(w, chunk_of(c, group, chunks), [&](int64_t, float value) { mine += clamped_abs(value, clip); });
  const float sum = warp_tree_sum(mine);
  if (lane_index() == 0) sums[c] = static_cast<double>(sum);
}

/// deltas[g] = 0.7 of the mean of group g; NaN when the group holds a NaN, and only then.
__global__ void thresholds(Global<float> deltas, Global<const double> sums, int64_t groups, int64_t group, int64_t chunks) {
  const int64_t g = thread_index();
  if (g < groups) deltas[g] = kThreshold * static_cast<float>(group_total(sums, g, chunks) / static_cast<double>(group));
}

/// Codes of chunk c, sum and number of its elements above the threshold. One warp each. A threshold is 0.7 of a mean of
/// clamped values, so it lies below the clip and codes need no clamp.
__global__ void ternarize(Global<int8_t> codes, Global<double> kept, Global<int32_t> counts, Global<const float> w,
                          Global<const float> deltas, int64_t group, int64_t chunks, int64_t all_chunks, float clip) {
  const int64_t c = warp_index();
  if (c >= all_chunks) return;
  const float delta = deltas[c / chunks];
  float mine = 0;
  int32_t count = 0;
  visit(w, chunk_of(c, group, chunks), [&](int64_t i, float value) {
    const float a = clamped_abs(value, clip);
    mine += a > delta ? a : 0.0f;
    const int8_t code = static_cast<int8_t>((value > delta) - (value < -delta));
    codes[i] = code;
    count += code != 0;
  });
  const float sum = warp_tree_sum(mine);
  count = warp_tree_sum(count);
  if (lane_index() != 0) return;
  kept[c] = static_cast<double>(sum);
  counts[c] = count;
}

/// Mean of the kept magnitudes: 0 when none is kept, NaN when the group holds a NaN.
__global__ void ternary_scales(Global<float> scale, Global<const double> kept, Global<const int32_t> counts,
                               Global<const float> deltas, int64_t groups, int64_t chunks) {
  const int64_t g = thread_index();
  if (g >= groups) return;
  const double sum = group_total(kept, g, chunks);
  int64_t count = 0;
  for (int64_t c = g * chunks; c < (g + 1) * chunks; ++c) count += counts[c];
  const float delta = deltas[g];
  scale[g] = delta != delta ? plain_nan(delta) : count > 0 ? static_cast<float>(sum / static_cast<double>(count)) : 0.0f;
}

__global__ void binary_scales(Global<float> scale, Global<const double> sums, int64_t groups, int64_t group, int64_t chunks) {
  const int64_t g = thread_index();
  if (g < groups) scale[g] = plain_nan(static_cast<float>(group_total(sums, g, chunks) / static_cast<double>(group)));
}

__global__ void signs(Global<int8_t> codes, Global<const float> w, int64_t n) {
  const int64_t i = thread_index();
  if (i < n) codes[i] = w[i] >= 0 ? 1 : -1;
}

void check_group(int64_t n, int64_t group, const char* what) {
  if (group < 1 || n % group != 0)
    throw std::invalid_argument(std::string("[") + what + "] group " + std::to_string(group) + " must divide " +
                                std::to_string(n));
}

int64_t chunks_of(int64_t group) { return (group + kSumChunk - 1) / kSumChunk; }

}  // namespace

// Kernels of a warp per chunk run in blocks of one warp: a tensor has few chunks, and each shall have a multiprocessor's
// share of the memory to itself.

void CudaBackend::quantize_ternary(Buffer& codes, Buffer& scale, const Buffer& w, int64_t n, int64_t group, double clip) {
  check_group(n, group, "quantize_ternary");
  const int64_t groups = n / group, chunks = chunks_of(group), all = groups * chunks;
  const Global<int8_t> cp = codes_of(codes, n, "quantize_ternary codes");
  const Global<float> sp = reals(scale, groups, "quantize_ternary scale");
  const Global<const float> wp = reals(w, n, "quantize_ternary w");
  const float c = static_cast<float>(clip);
  Scratch sum_buffer(*this, F64, all), count_buffer(*this, S32, all), delta_buffer(*this, REAL, groups);
  const Global<double> sums = doubles(*sum_buffer, all, "quantize_ternary sums");
  const Global<int32_t> counts = ints(*count_buffer, all, "quantize_ternary counts");
  const Global<float> deltas = reals(*delta_buffer, groups, "quantize_ternary thresholds");
  launch(shape("quantize_ternary", all, 32), absolute_sums, sums, wp, group, chunks, all, c);
  launch(each("quantize_ternary", groups), thresholds, deltas, sums, groups, group, chunks);
  launch(shape("quantize_ternary", all, 32), ternarize, cp, sums, counts, wp, deltas, group, chunks, all, c);
  launch(each("quantize_ternary", groups), ternary_scales, sp, sums, counts, deltas, groups, chunks);
}

void CudaBackend::quantize_binary(Buffer& codes, Buffer& scale, const Buffer& w, int64_t n, int64_t group, double clip) {
  check_group(n, group, "quantize_binary");
  const int64_t groups = n / group, chunks = chunks_of(group), all = groups * chunks;
  const Global<int8_t> cp = codes_of(codes, n, "quantize_binary codes");
  const Global<float> sp = reals(scale, groups, "quantize_binary scale");
  const Global<const float> wp = reals(w, n, "quantize_binary w");
  Scratch sum_buffer(*this, F64, all);
  const Global<double> sums = doubles(*sum_buffer, all, "quantize_binary sums");
  launch(shape("quantize_binary", all, 32), absolute_sums, sums, wp, group, chunks, all, static_cast<float>(clip));
  launch(each("quantize_binary", groups), binary_scales, sp, sums, groups, group, chunks);
  launch(each("quantize_binary", n), signs, cp, wp, n);
}

}  // namespace ternion
