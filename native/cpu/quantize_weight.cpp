// Ternary and binary weight quantizers. Ref: [TWN], [BWN], [TI] 1.5
#include "cpu_backend.h"
#include "pieces.h"

namespace ternion {
namespace TERNION_NS {
namespace {

constexpr real kThreshold = real(0.7);
constexpr int64_t kGrain = 1 << 14;

/// f64 sum of |clamp(w)| over chunks of [begin, end), in order; the canonical order within each chunk.
double absolute_sum(const real* w, int64_t begin, int64_t end, real clip) {
  double total = 0;
  for (int64_t i = begin; i < end; i += kGrain) {
    const int64_t stop = i + kGrain < end ? i + kGrain : end;
    total += static_cast<double>(strided_sum<real>(i, stop, [&](int64_t j) { return clamped_abs(w[j], clip); }));
  }
  return total;
}

struct Kept {
  double sum = 0;
  int64_t count = 0;
};

/// Sum and number of the elements above the threshold, and their codes. A threshold is 0.7 of a mean of clamped values,
/// so it lies below the clip and codes need no clamp.
Kept ternarize(int8_t* codes, const real* w, int64_t begin, int64_t end, real clip, real delta) {
  Kept kept;
  for (int64_t i = begin; i < end; i += kGrain) {
    const int64_t stop = i + kGrain < end ? i + kGrain : end;
    kept.sum += static_cast<double>(strided_sum<real>(i, stop, [&](int64_t j) {
      const real a = clamped_abs(w[j], clip);
      return a > delta ? a : real(0);
    }));
    int32_t count = 0;
    for (int64_t j = i; j < stop; ++j) {
      const int8_t code = static_cast<int8_t>((w[j] > delta) - (w[j] < -delta));
      codes[j] = code;
      count += code != 0;
    }
    kept.count += count;
  }
  return kept;
}

/// Mean of the kept magnitudes: 0 when none is kept, NaN when the group holds a NaN (then `total` is NaN).
real mean_kept(const Kept& kept, double total) {
  if (total != total) return static_cast<real>(total);
  return kept.count > 0 ? static_cast<real>(kept.sum / static_cast<double>(kept.count)) : real(0);
}

void check_group(int64_t n, int64_t group, const char* what) {
  if (group < 1 || n % group != 0)
    throw std::invalid_argument(std::string("[") + what + "] group " + std::to_string(group) + " must divide " +
                                std::to_string(n));
}

}  // namespace

void CpuBackend::quantize_ternary(Buffer& codes, Buffer& scale, const Buffer& w, int64_t n, int64_t group, double clip) {
  check_group(n, group, "quantize_ternary");
  int8_t* cp = codes_of(codes, n, "quantize_ternary codes");
  real* sp = reals(scale, n / group, "quantize_ternary scale");
  const real* wp = reals(w, n, "quantize_ternary w");
  const real c = static_cast<real>(clip);
  if (group > kGrain) {  // few large groups: threads share out chunks
    for (int64_t g = 0; g < n / group; ++g) {
      const real* wg = wp + g * group;
      int8_t* cg = cp + g * group;
      const double total = chunked_sum(group, [&](int64_t b, int64_t e) { return absolute_sum(wg, b, e, c); });
      const real delta = kThreshold * static_cast<real>(total / static_cast<double>(group));
      std::vector<Kept> kept(static_cast<size_t>((group + kGrain - 1) / kGrain));
      parallel(group, kGrain, [&](int64_t b, int64_t e) { kept[b / kGrain] = ternarize(cg, wg, b, e, c, delta); });
      Kept all;
      for (const Kept& part : kept) {
        all.sum += part.sum;
        all.count += part.count;
      }
      sp[g] = mean_kept(all, total);
    }
    return;
  }
  parallel(n / group, kGrain / group + 1, [&](int64_t begin, int64_t end) {
    for (int64_t g = begin; g < end; ++g) {
      const double total = absolute_sum(wp, g * group, (g + 1) * group, c);
      const real delta = kThreshold * static_cast<real>(total / static_cast<double>(group));
      const Kept kept = ternarize(cp, wp, g * group, (g + 1) * group, c, delta);
      sp[g] = mean_kept(kept, total);
    }
  });
}

void CpuBackend::quantize_binary(Buffer& codes, Buffer& scale, const Buffer& w, int64_t n, int64_t group, double clip) {
  check_group(n, group, "quantize_binary");
  int8_t* cp = codes_of(codes, n, "quantize_binary codes");
  real* sp = reals(scale, n / group, "quantize_binary scale");
  const real* wp = reals(w, n, "quantize_binary w");
  const real c = static_cast<real>(clip);
  for (int64_t g = 0; group > kGrain && g < n / group; ++g) {
    const double total = chunked_sum(group, [&](int64_t b, int64_t e) { return absolute_sum(wp + g * group, b, e, c); });
    sp[g] = static_cast<real>(total / static_cast<double>(group));
  }
  if (group <= kGrain)
    parallel(n / group, kGrain / group + 1, [&](int64_t begin, int64_t end) {
      for (int64_t g = begin; g < end; ++g)
        sp[g] = static_cast<real>(absolute_sum(wp, g * group, (g + 1) * group, c) / static_cast<double>(group));
    });
  parallel(n, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) cp[i] = wp[i] >= 0 ? 1 : -1;
  });
}

}  // namespace TERNION_NS
}  // namespace ternion
