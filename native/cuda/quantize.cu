// The 8-bit activation quantizer and its straight-through masks. Ref: [TI] 1.2, 1.3, [STE]
#include "cuda_backend.h"
#include "index.h"
#include "nan.h"
#include "quantizer.h"
#include "reduce.h"
#include "tops.h"

namespace ternion {
namespace {

constexpr int64_t kWarpGroup = 2048;  // up to this size a group is one warp's work, above it that of blocks
constexpr int kGroupThreads = 256;         // of such a block
constexpr int64_t kGroupPart = 1024;       // elements of a group that a block encodes
constexpr int64_t kMaximumParts = 512;  // most blocks that look for one maximum

/// One warp: codes and mask bits of the 32 elements from begin on, up to end; begin is a multiple of 8.
__device__ __forceinline__ void encode(Global<int8_t> codes, Global<uint8_t> mask, Global<const float> x, int64_t begin,
                                       int64_t end, float clip, float scale) {
  const int lane = lane_index();
  const int64_t i = begin + lane;
  bool inside = false;
  if (i < end) {
    const float value = x[i];
    codes[i] = static_cast<int8_t>(round_half_even(clamp(value, clip) * scale));
    inside = value > -clip && value < clip;
  }
  const unsigned bits = __ballot_sync(kAllLanes, inside);
  if (lane < 4 && begin + 8 * lane < end) mask[begin / 8 + lane] = static_cast<uint8_t>(bits >> (8 * lane));
}

/// Small groups: one warp each.
__global__ void quantize_small(Global<int8_t> codes, Global<float> step, Global<uint8_t> mask, Global<const float> x,
                               int64_t groups, int64_t group, float clip, float levels) {
  const int64_t g = warp_index();
  if (g >= groups) return;
  const int64_t begin = g * group, end = begin + group;
  const uint32_t top = warp_max<uint32_t>(begin, end, 0, [&](int64_t i) { return magnitude_bits(x[i]); });
  const float m = clipped_max(top, clip), scale = scale_of(m, levels);
  if (lane_index() == 0) step[g] = step_of(m, levels);
  for (int64_t i = begin; i < end; i += 32) encode(codes, mask, x, i, end, clip, scale);
}

/// Large groups, first pass: tops[g] = the largest magnitude bits of group g. `parts` blocks for each group.
__global__ void maxima(Global<uint32_t> tops, Global<const float> x, int64_t group, unsigned parts) {
  const int64_t g = blockIdx.x / parts, first = int64_t{blockIdx.x % parts} * kGroupThreads + threadIdx.x;
  uint32_t mine = 0;
  for (int64_t i = first; i < group; i += int64_t{parts} * kGroupThreads) mine = larger(mine, magnitude_bits(x[g * group + i]));
  raise_top(tops, g, mine);
}

/// Large groups, second pass: a block encodes kGroupPart elements; `parts` blocks for each group.
__global__ void quantize_large(Global<int8_t> codes, Global<float> step, Global<uint8_t> mask, Global<const float> x,
                               Global<const uint32_t> tops, int64_t group, unsigned parts, float clip, float levels) {
  const int64_t g = blockIdx.x / parts, end = (g + 1) * group;
  const int64_t part = g * group + blockIdx.x % parts * kGroupPart;
  const float m = clipped_max(tops[g], clip), scale = scale_of(m, levels);
  if (part == g * group && threadIdx.x == 0) step[g] = step_of(m, levels);
  const int64_t warp = threadIdx.x / 32, stop = part + kGroupPart < end ? part + kGroupPart : end;
  for (int64_t i = part + warp * 32; i < stop; i += kGroupThreads) encode(codes, mask, x, i, end, clip, scale);
}

__global__ void dequantize_small(Global<float> y, Global<const int8_t> codes, Global<const float> scale, int64_t groups,
                                 int64_t group) {
  const int64_t g = warp_index();
  if (g >= groups) return;
  const float s = scale[g];
  for (int64_t i = g * group + lane_index(); i < (g + 1) * group; i += 32) y[i] = plain_nan(static_cast<float>(codes[i]) * s);
}

__global__ void dequantize_large(Global<float> y, Global<const int8_t> codes, Global<const float> scale, int64_t group,
                                 unsigned parts) {
  const int64_t g = blockIdx.x / parts, end = (g + 1) * group;
  const int64_t part = g * group + blockIdx.x % parts * kGroupPart, stop = part + kGroupPart < end ? part + kGroupPart : end;
  const float s = scale[g];
  for (int64_t i = part + threadIdx.x; i < stop; i += kGroupThreads) y[i] = plain_nan(static_cast<float>(codes[i]) * s);
}

__global__ void mask_gradient(Global<float> dx, Global<const float> dy, Global<const uint8_t> mask, int64_t n, bool accumulate) {
  const int64_t i = thread_index();
  if (i >= n) return;
  const float value = mask[i / 8] >> (i % 8) & 1 ? dy[i] : 0.0f;
  dx[i] = accumulate ? dx[i] + value : value;
}

__global__ void clip_gradient(Global<float> dx, Global<const float> dy, Global<const float> x, int64_t n, float clip,
                              bool accumulate) {
  const int64_t i = thread_index();
  if (i >= n) return;
  const float value = x[i] > -clip && x[i] < clip ? dy[i] : 0.0f;
  dx[i] = accumulate ? dx[i] + value : value;
}

/// The same in place, where nothing is added: it writes only where the gradient does not pass.
__global__ void drop_outside(Global<float> dx, Global<const float> x, int64_t n, float clip) {
  const int64_t i = thread_index();
  if (i < n && !(x[i] > -clip && x[i] < clip)) dx[i] = 0.0f;
}

/// Blocks of a group, `part` elements each.
unsigned parts_of(int64_t group, int64_t part) { return static_cast<unsigned>((group + part - 1) / part); }

}  // namespace

void CudaBackend::quantize_symmetric(Buffer& codes, Buffer& step, Buffer& mask, const Buffer& x, int64_t n, int64_t group,
                                     double clip, int bits, const Buffer* tops, int64_t slot) {
  if (bits < 2 || bits > 8)
    throw std::invalid_argument("[quantize_symmetric] bits = " + std::to_string(bits) + ", wanted 2 .. 8");
  if (group < 1 || n % group != 0 || (group != n && group % 8 != 0))
    throw std::invalid_argument("[quantize_symmetric] group " + std::to_string(group) + " must divide " + std::to_string(n) +
                                " and be a multiple of 8 or the whole tensor");
  const int64_t groups = n / group;
  const Global<int8_t> cp = codes_of(codes, n, "quantize_symmetric codes");
  const Global<float> sp = reals(step, groups, "quantize_symmetric step");
  const Global<uint8_t> bp = bytes_of(mask, (n + 7) / 8, "quantize_symmetric mask");
  const Global<const float> xp = reals(x, n, "quantize_symmetric x");
  if (tops && group != n)
    throw std::invalid_argument("[quantize_symmetric] tops with groups of " + std::to_string(group) + " of " + std::to_string(n) +
                                " elements: pass null, or one group");
  const Global<const uint32_t> known = top_of(tops, slot, "quantize_symmetric tops");
  const float c = static_cast<float>(clip), levels = static_cast<float>((1 << (bits - 1)) - 1);
  const unsigned parts = parts_of(group, kGroupPart), looking = parts < kMaximumParts ? parts : kMaximumParts;
  if (known) {
    launch(shape("quantize_symmetric", parts, kGroupThreads), quantize_large, cp, sp, bp, xp, known, group, parts, c, levels);
    return;
  }
  if (group <= kWarpGroup) {
    launch(warp_each("quantize_symmetric", groups), quantize_small, cp, sp, bp, xp, groups, group, c, levels);
    return;
  }
  Scratch scratch(*this, S32, groups);
  const Global<uint32_t> found = elements<uint32_t>(*scratch, S32, groups, "quantize_symmetric maxima");
  set_all(*scratch, 0);
  launch(shape("quantize_symmetric", groups * looking, kGroupThreads), maxima, found, xp, group, looking);
  launch(shape("quantize_symmetric", groups * parts, kGroupThreads), quantize_large, cp, sp, bp, xp, found, group, parts, c, levels);
}

void CudaBackend::dequantize(Buffer& y, const Buffer& codes, const Buffer& scale, int64_t n, int64_t group) {
  if (group < 1 || n % group != 0) throw std::invalid_argument("[dequantize] group must divide n");
  const int64_t groups = n / group;
  const Global<float> yp = reals(y, n, "dequantize y");
  const Global<const int8_t> cp = codes_of(codes, n, "dequantize codes");
  const Global<const float> sp = reals(scale, groups, "dequantize scale");
  if (group <= kWarpGroup) {
    launch(warp_each("dequantize", groups), dequantize_small, yp, cp, sp, groups, group);
    return;
  }
  const unsigned parts = parts_of(group, kGroupPart);
  launch(shape("dequantize", groups * parts, kGroupThreads), dequantize_large, yp, cp, sp, group, parts);
}

void CudaBackend::ste_mask(Buffer& dx, const Buffer& dy, const Buffer& mask, int64_t n, bool accumulate) {
  const Global<float> dxp = reals(dx, n, "ste_mask dx");
  const Global<const float> dyp = reals(dy, n, "ste_mask dy");
  const Global<const uint8_t> bp = bytes_of(mask, (n + 7) / 8, "ste_mask mask");
  launch(each("ste_mask", n), mask_gradient, dxp, dyp, bp, n, accumulate);
}

void CudaBackend::ste_clip(Buffer& dx, const Buffer& dy, const Buffer& x, int64_t n, double clip, bool accumulate) {
  const Global<float> dxp = reals(dx, n, "ste_clip dx");
  const Global<const float> dyp = reals(dy, n, "ste_clip dy"), xp = reals(x, n, "ste_clip x");
  if (dx.data() == dy.data() && !accumulate)
    launch(each("ste_clip", n), drop_outside, dxp, xp, n, static_cast<float>(clip));
  else
    launch(each("ste_clip", n), clip_gradient, dxp, dyp, xp, n, static_cast<float>(clip), accumulate);
}

}  // namespace ternion
