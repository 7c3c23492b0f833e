// Ternary and binary weight quantizers. Ref: [TWN], [BWN], [TI] 1.5
#include "cpu_backend.h"
#include "pieces.h"

namespace ternion {
namespace TERNION_NS {
namespace {

constexpr real kThreshold = real(0.7);
constexpr int64_t kWeightGrain = kSumChunk;

/// A weight to quantize, its memory checked.
struct Weight {
  int8_t* codes;
  real* scale;
  const real* w;
  const double* sums;  ///< of |clamp(w)| over chunks, where there is one group; or null
  int64_t n, group;
  real clip;
};

Weight checked_weight(Buffer& codes, Buffer& scale, const Buffer& w, const Buffer* sums, int64_t n, int64_t group, double clip, const std::string& name) {
  if (group < 1 || n % group != 0)
    throw std::invalid_argument("[" + name + "] group " + std::to_string(group) + " must divide " + std::to_string(n));
  return {codes_of(codes, n, (name + " codes").c_str()),
          reals(scale, n / group, (name + " scale").c_str()),
          reals(w, n, (name + " w").c_str()),
          sums ? doubles(*sums, (n + kSumChunk - 1) / kSumChunk, (name + " sums").c_str()) : nullptr,
          n,
          group,
          static_cast<real>(clip)};
}

/// f64 sum of |clamp(w)| over a group; the threads share out the chunks of a large one.
double absolute_sum(CpuBackend& backend, const Weight& t, int64_t begin) {
  if (t.sums) {
    double total = 0;
    for (int64_t c = 0; c * kSumChunk < t.group; ++c) total += t.sums[c];
    return total;
  }
  const real* w = t.w + begin;
  if (t.group <= kWeightGrain) return absolute_sum_of_chunk(w, 0, t.group, t.clip);
  return backend.chunked_sum(t.group, [&](int64_t b, int64_t e) { return absolute_sum_of_chunk(w, b, e, t.clip); });
}

real mean_of(double total, int64_t group) { return static_cast<real>(total / static_cast<double>(group)); }

struct Kept {
  double sum = 0;
  int64_t count = 0;
};

/// Codes of a chunk, sum and number of its elements above the threshold. A threshold is 0.7 of a mean of clamped values,
/// so it lies below the clip and codes need no clamp.
Kept ternarize(const Weight& t, int64_t begin, int64_t end, real delta) {
  const real *w = t.w, clip = t.clip;
  int8_t* codes = t.codes;
  Kept kept;
  kept.sum = static_cast<double>(strided_sum<real>(begin, end, [&](int64_t j) {
    const real a = clamped_abs(w[j], clip);
    return a > delta ? a : real(0);
  }));
  int32_t count = 0;
  for (int64_t j = begin; j < end; ++j) {
    const int8_t code = static_cast<int8_t>((w[j] > delta) - (w[j] < -delta));
    codes[j] = code;
    count += code != 0;
  }
  kept.count = count;
  return kept;
}

/// Mean of the kept magnitudes: 0 when none is kept, NaN when the group holds a NaN (then `total` is NaN).
real mean_kept(const Kept& kept, double total) {
  if (total != total) return static_cast<real>(total);
  return kept.count > 0 ? static_cast<real>(kept.sum / static_cast<double>(kept.count)) : real(0);
}

void quantize_large_ternary(CpuBackend& backend, const Weight& t) {
  std::vector<Kept> kept(static_cast<size_t>((t.group + kWeightGrain - 1) / kWeightGrain));
  for (int64_t begin = 0; begin < t.n; begin += t.group) {
    const double total = absolute_sum(backend, t, begin);
    const real delta = kThreshold * mean_of(total, t.group);
    backend.parallel(t.group, kWeightGrain, [&](int64_t b, int64_t e) {
      kept[static_cast<size_t>(b / kWeightGrain)] = ternarize(t, begin + b, begin + e, delta);
    });
    Kept all;
    for (const Kept& part : kept) {
      all.sum += part.sum;
      all.count += part.count;
    }
    t.scale[begin / t.group] = mean_kept(all, total);
  }
}

void quantize_ternary_weight(CpuBackend& backend, const Weight& t) {
  if (t.group > kWeightGrain) return quantize_large_ternary(backend, t);
  backend.parallel(t.n / t.group, kWeightGrain / t.group + 1, [&](int64_t first, int64_t last) {
    for (int64_t g = first; g < last; ++g) {
      const double total = absolute_sum(backend, t, g * t.group);
      const real delta = kThreshold * mean_of(total, t.group);
      t.scale[g] = mean_kept(ternarize(t, g * t.group, (g + 1) * t.group, delta), total);
    }
  });
}

void quantize_binary_weight(CpuBackend& backend, const Weight& t) {
  for (int64_t g = 0; t.group > kWeightGrain && g < t.n / t.group; ++g) t.scale[g] = mean_of(absolute_sum(backend, t, g * t.group), t.group);
  if (t.group <= kWeightGrain)
    backend.parallel(t.n / t.group, kWeightGrain / t.group + 1, [&](int64_t first, int64_t last) {
      for (int64_t g = first; g < last; ++g) t.scale[g] = mean_of(absolute_sum(backend, t, g * t.group), t.group);
    });
  const real* w = t.w;
  int8_t* codes = t.codes;
  backend.parallel(t.n, kWeightGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) codes[i] = w[i] >= 0 ? 1 : -1;
  });
}

/// Bit i set where -clip < w[i] < clip.
void mask_inside(CpuBackend& backend, uint8_t* mask, const Weight& t) {
  const real *w = t.w, clip = t.clip;
  backend.parallel(t.n, kWeightGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i += 8) {
      uint32_t bits = 0;
      for (int64_t j = i; j < end && j < i + 8; ++j) bits |= static_cast<uint32_t>(-clip < w[j] && w[j] < clip) << (j - i);
      mask[i / 8] = static_cast<uint8_t>(bits);
    }
  });
}

}  // namespace

void CpuBackend::quantize_ternary(Buffer& codes, Buffer& scale, const Buffer& w, int64_t n, int64_t group, double clip) {
  quantize_ternary_weight(*this, checked_weight(codes, scale, w, nullptr, n, group, clip, "quantize_ternary"));
}

void CpuBackend::quantize_binary(Buffer& codes, Buffer& scale, Buffer* mask, const Buffer& w, int64_t n, int64_t group, double clip) {
  const Weight t = checked_weight(codes, scale, w, nullptr, n, group, clip, "quantize_binary");
  quantize_binary_weight(*this, t);
  if (mask) mask_inside(*this, bytes_of(*mask, (n + 7) / 8, "quantize_binary mask"), t);
}

void CpuBackend::quantize_weights(const WeightList& list) {
  for (const auto& e : list.entries()) {
    const Weight t = checked_weight(*e.codes, *e.scale, *e.w, e.sums, e.rows * e.cols, e.group, e.clip, "quantize_weights");
    if (e.binary) quantize_binary_weight(*this, t);
    else quantize_ternary_weight(*this, t);
    pack_panel(*e.panel, *e.codes, e.rows, e.cols, e.binary);
  }
}

}  // namespace TERNION_NS
}  // namespace ternion
