// The 8-bit activation quantizer and its straight-through masks. Ref: [TI] 1.2, 1.3, [STE]
#include "quantizer.h"
#include "reduce.h"
#include "tops.h"
#include "ternion/math.h"

namespace ternion {
namespace TERNION_NS {
namespace {

/// Codes and mask bits of [begin, end); begin is a multiple of 8.
void encode(int8_t* codes, uint8_t* mask, const real* x, int64_t begin, int64_t end, real clip, real scale) {
  for (int64_t i = begin; i < end; ++i) codes[i] = static_cast<int8_t>(round_half_even(clamp(x[i], clip) * scale));
  for (int64_t i = begin; i < end; i += 8) {
    unsigned bits = 0;
    const int64_t count = end - i < 8 ? end - i : 8;
    for (int64_t j = 0; j < count; ++j) bits |= static_cast<unsigned>(x[i + j] > -clip && x[i + j] < clip) << j;
    mask[i / 8] = static_cast<uint8_t>(bits);
  }
}

constexpr int64_t kGrain = 1 << 14;

}  // namespace

void CpuBackend::quantize_symmetric(Buffer& codes, Buffer& step, Buffer& mask, const Buffer& x, int64_t n,
                                    int64_t group, double clip, int bits, const Buffer* tops, int64_t slot) {
  if (bits < 2 || bits > 8) throw std::invalid_argument("[quantize_symmetric] bits = " + std::to_string(bits) + ", wanted 2 .. 8");
  if (group < 1 || n % group != 0 || (group != n && group % 8 != 0))
    throw std::invalid_argument("[quantize_symmetric] group " + std::to_string(group) + " must divide " +
                                std::to_string(n) + " and be a multiple of 8 or the whole tensor");
  int8_t* cp = codes_of(codes, n, "quantize_symmetric codes");
  real* sp = reals(step, n / group, "quantize_symmetric step");
  uint8_t* bp = bytes_of(mask, (n + 7) / 8, "quantize_symmetric mask");
  const real* xp = reals(x, n, "quantize_symmetric x");
  const real c = static_cast<real>(clip), levels = static_cast<real>((1 << (bits - 1)) - 1);
  if (tops && group != n)
    throw std::invalid_argument("[quantize_symmetric] tops with groups of " + std::to_string(group) + " of " + std::to_string(n) +
                                " elements: pass null, or one group");
  const Top top(tops, slot, "quantize_symmetric tops");
  if (group == n) {
    const int64_t chunks = top ? 0 : (n + kGrain - 1) / kGrain;
    std::vector<real> maxima(static_cast<size_t>(chunks));
    parallel(top ? 0 : n, kGrain, [&](int64_t begin, int64_t end) { maxima[begin / kGrain] = magnitude_max(xp, begin, end); });
    const real m = clipped_max(top ? top.value() : magnitude_max(maxima.data(), 0, chunks), c), scale = scale_of(m, levels);
    sp[0] = m / levels;
    parallel(n, kGrain, [&](int64_t begin, int64_t end) { encode(cp, bp, xp, begin, end, c, scale); });
    return;
  }
  parallel(n / group, 8, [&](int64_t begin, int64_t end) {
    for (int64_t g = begin; g < end; ++g) {
      const real m = clipped_max(magnitude_max(xp, g * group, (g + 1) * group), c);
      sp[g] = m / levels;
      encode(cp, bp, xp, g * group, (g + 1) * group, c, scale_of(m, levels));
    }
  });
}

void CpuBackend::dequantize(Buffer& y, const Buffer& codes, const Buffer& scale, int64_t n, int64_t group) {
  if (group < 1 || n % group != 0) throw std::invalid_argument("[dequantize] group must divide n");
  real* yp = reals(y, n, "dequantize y");
  const int8_t* cp = codes_of(codes, n, "dequantize codes");
  const real* sp = reals(scale, n / group, "dequantize scale");
  const int64_t grain = group < kGrain ? group * (kGrain / group) : kGrain;
  parallel(n, grain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end;) {
      const real s = sp[i / group];
      const int64_t stop = (i / group + 1) * group < end ? (i / group + 1) * group : end;
      for (; i < stop; ++i) yp[i] = static_cast<real>(cp[i]) * s;
    }
  });
}

void CpuBackend::ste_mask(Buffer& dx, const Buffer& dy, const Buffer& mask, int64_t n, bool accumulate) {
  real* dxp = reals(dx, n, "ste_mask dx");
  const real* dyp = reals(dy, n, "ste_mask dy");
  const uint8_t* bp = bytes_of(mask, (n + 7) / 8, "ste_mask mask");
  parallel(n, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i += 8) {
      const unsigned bits = bp[i / 8];
      const int64_t count = end - i < 8 ? end - i : 8;
      for (int64_t j = 0; j < count; ++j) {
        const real value = (bits >> j & 1u) ? dyp[i + j] : real(0);
        dxp[i + j] = accumulate ? dxp[i + j] + value : value;
      }
    }
  });
}

void CpuBackend::ste_clip(Buffer& dx, const Buffer& dy, const Buffer& x, int64_t n, double clip, bool accumulate) {
  real* dxp = reals(dx, n, "ste_clip dx");
  const real *dyp = reals(dy, n, "ste_clip dy"), *xp = reals(x, n, "ste_clip x");
  const real c = static_cast<real>(clip);
  parallel(n, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const real value = xp[i] > -c && xp[i] < c ? dyp[i] : real(0);
      dxp[i] = accumulate ? dxp[i] + value : value;
    }
  });
}

}  // namespace TERNION_NS
}  // namespace ternion
