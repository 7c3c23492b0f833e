// Test of ternion/math.h against double, over the floats.
//
//   math_test         every 61st float (every 997th where fma_rn is emulated, which is slow), and
//                     every float within 256 of a boundary
//   math_test --all   all 2^32 floats, on two threads (several minutes)
//
// Checks, per function: the error bound; canonical NaN; equal bytes of the vectorised loop and of
// scalar calls; and a recorded hash of 2^24 outputs, equal for every ISA, compiler and device.
// Prints the maxima with --all, then one summary line; returns non-zero on failure.
#include "ternion/math.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <thread>
#include <vector>

namespace {

using namespace ternion;

constexpr std::uint32_t kTile = 4096;
constexpr std::uint32_t kScalarStride = 997;  // of the comparison with scalar calls
#ifdef __FMA__
constexpr std::uint32_t kStride = 61;
#else
constexpr std::uint32_t kStride = 997;
#endif
constexpr double kSqrtHalf = 0.70710678118654752440;

// The reference of one function in double. Where a short series is exact to 1e-13 or the result is
// constant it replaces the library call, to keep the exhaustive run short.
double ref_exp(double x) {
  if (x > 89.0) return HUGE_VAL;
  if (x < -105.0) return 0.0;
  if (std::fabs(x) < 0x1p-14) return 1.0 + x * (1.0 + 0.5 * x);
  return std::exp(x);
}
double ref_log(double x) { return std::log(x); }
double ref_erf(double x) {
  const double t = std::fabs(x);
  if (t < 0x1p-10) return x * 1.12837916709551257390 * (1.0 - x * x / 3.0);
  return t > 6.0 ? std::copysign(1.0, x) : std::erf(x);
}
double ref_tanh(double x) {
  const double t = std::fabs(x);
  if (t < 0x1p-10) return x * (1.0 - x * x / 3.0);
  return t > 20.0 ? std::copysign(1.0, x) : std::tanh(x);
}
double ref_cdf(double x) {
  const double t = std::fabs(x);
  if (t < 0x1p-14) return 0.5 + x * 0.39894228040143267794;
  return t > 9.0 ? (x > 0.0 ? 1.0 : 0.0) : 0.5 * std::erfc(-x * kSqrtHalf);
}
double ref_gelu(double x) { return x * ref_cdf(x); }
double ref_gelu_grad(double x) {
  const double density = std::fabs(x) > 9.0 ? 0.0 : 0.39894228040143267794 * ref_exp(-0.5 * x * x);
  return ref_cdf(x) + x * density;
}
double ref_round(double x) { return std::nearbyint(x); }

// The vectorised loop and the scalar call of one function.
#define TERNION_KERNEL(f)                                                                   \
  __attribute__((noinline)) void loop_##f(const float* x, float* __restrict y) {            \
    for (std::uint32_t i = 0; i < kTile; ++i) y[i] = f(x[i]);                               \
  }                                                                                         \
  __attribute__((noinline)) float call_##f(float x) { return f(x); }
TERNION_KERNEL(exp_r)
TERNION_KERNEL(log_r)
TERNION_KERNEL(erf_r)
TERNION_KERNEL(tanh_r)
TERNION_KERNEL(gelu_r)
TERNION_KERNEL(gelu_grad_r)
TERNION_KERNEL(round_half_even)

struct Function {
  const char* name;
  void (*loop)(const float*, float*);
  float (*call)(float);
  double (*ref)(double);
  bool absolute;       // bound: absolute error over max(1, |reference|); otherwise ulp
  double bound;
  std::uint64_t hash;  // of 2^24 outputs
};

const Function kFunctions[] = {
    {"exp_r", loop_exp_r, call_exp_r, ref_exp, false, 2.0, 0xc63d8c61f176bafe},
    {"log_r", loop_log_r, call_log_r, ref_log, false, 2.0, 0x07a8d064460a5546},
    {"erf_r", loop_erf_r, call_erf_r, ref_erf, false, 2.0, 0x3cc9b3a703c6ea92},
    {"tanh_r", loop_tanh_r, call_tanh_r, ref_tanh, false, 2.0, 0x8d624959db6ed51f},
    {"gelu_r", loop_gelu_r, call_gelu_r, ref_gelu, true, 0x1p-22, 0x58b557e783a416d1},
    {"gelu_grad_r", loop_gelu_grad_r, call_gelu_grad_r, ref_gelu_grad, true, 0x1p-22,
     0x5d48daa91bd38b8d},
    {"round_half_even", loop_round_half_even, call_round_half_even, ref_round, true, 0.0,
     0xfd33e9681336b297},
};

// Distance of a result from the reference, in units of the last place of the reference's binade
// (2^-149 below the normal range). Infinity counts as 2^128, so a result one step short of, or
// beyond, overflow is measured like any other.
double ulp_error(float y, double ref) {
  if (ref != ref) return y != y ? 0.0 : HUGE_VAL;
  if (std::isinf(ref) && ref == static_cast<double>(y)) return 0.0;
  const double r = std::max(-0x1p128, std::min(0x1p128, ref));
  const double v = std::isinf(y) ? std::copysign(0x1p128, y) : static_cast<double>(y);
  const std::uint64_t bits = __builtin_bit_cast(std::uint64_t, r);
  const int e = std::max(-126, std::min(127, static_cast<int>(bits >> 52 & 0x7ff) - 1023));
  const double inverse =
      __builtin_bit_cast(double, static_cast<std::uint64_t>(1023 + 23 - e) << 52);
  return std::fabs(v - r) * inverse;  // a NaN here fails the bound test
}

double error_of(const Function& f, float x, float y) {
  const double xd = x;
  if (f.ref == ref_round && !(std::fabs(xd) <= 0x1p22)) return 0.0;
  if (x != x) return 0.0;  // NaN arguments: the canonical check
  const double ref = f.ref(xd);
  if (!f.absolute) return ulp_error(y, ref);
  if (std::isinf(xd)) return 0.0;  // documented by the header, covered by check_points
  const double d = std::fabs(static_cast<double>(y) - ref) / std::max(1.0, std::fabs(ref));
  return std::isinf(y) || y != y ? HUGE_VAL : d;
}

struct Worst {
  double error = 0.0;
  float at = 0.0f;
  long failures = 0;
};

// Runs f over kTile given arguments.
void check_tile(const Function& f, const float* x, bool scalar, Worst* w) {
  float y[kTile];
  f.loop(x, y);
  for (std::uint32_t i = 0; i < kTile; ++i) {
    const double e = error_of(f, x[i], y[i]);
    if (!(e <= w->error)) {
      w->error = e;
      w->at = x[i];
    }
    const bool is_round = f.ref == ref_round;
    bool bad = !(e <= f.bound);
    bad |= !is_round && y[i] != y[i] && float_bits(y[i]) != TERNION_NAN_BITS;
    bad |= !is_round && x[i] != x[i] && y[i] == y[i];
    bad |= scalar && x[i] == x[i] && float_bits(f.call(x[i])) != float_bits(y[i]);
    w->failures += bad;
  }
}

// Every stride-th float of [begin, end) as bit patterns; the last tile is filled up.
void sweep(const Function& f, std::uint64_t begin, std::uint64_t end, std::uint32_t stride,
           bool scalar, Worst* w) {
  float x[kTile];
  for (std::uint64_t u = begin; u < end; u += std::uint64_t{kTile} * stride) {
    for (std::uint32_t i = 0; i < kTile; ++i)
      x[i] = bits_float(
          static_cast<std::uint32_t>(std::min(u + std::uint64_t{i} * stride, end - 1)));
    check_tile(f, x, scalar, w);
  }
}

// Arguments at which a formula changes its form, or the result its kind.
const float kBoundaries[] = {
    0.0f,        0x1p-126f,   0x1p-24f,   0x1p-12f,    0.34657359f, 0.625f,
    2.0f / 3.0f, 1.0f,        4.0f / 3.0f, 1.41421356f, 3.9192059f,  4.0f,
    5.0f,        9.0109131f,  10.0f,      13.0f,       87.3365448f, 88.7228394f,
    89.0f,       103.972077f, 104.0f,     0x1p22f,     0x1p64f,     HUGE_VALF};

Worst check_function(const Function& f, bool all) {
  Worst part[2];
  const auto half = [&](int t) {
    const std::uint64_t begin = std::uint64_t{0x80000000u} * t;
    const std::uint64_t end = begin + 0x80000000u;
    const std::uint32_t stride = all ? 1 : kStride;
    if (stride != kScalarStride) sweep(f, begin, end, stride, false, &part[t]);
    sweep(f, begin, end, kScalarStride, true, &part[t]);
    for (float b : kBoundaries) {
      const std::uint64_t u = begin + float_bits(b);
      sweep(f, std::max(begin, u < begin + 256 ? begin : u - 256), u + 257, 1, true, &part[t]);
    }
  };
  std::thread other(half, 1);
  half(0);
  other.join();
  Worst worst = part[1].error > part[0].error ? part[1] : part[0];
  worst.failures = part[0].failures + part[1].failures;
  return worst;
}

// A hash of 2^24 outputs: argument i has the bits (i << 8) | (i * 0x9e3779b1 >> 24).
std::uint64_t hash_function(const Function& f) {
  std::uint64_t h = 0xcbf29ce484222325u;
  float x[kTile], y[kTile];
  for (std::uint32_t i = 0; i < 1u << 24; i += kTile) {
    for (std::uint32_t k = 0; k < kTile; ++k)
      x[k] = bits_float((i + k) << 8 | ((i + k) * 0x9e3779b1u) >> 24);
    f.loop(x, y);
    for (float v : y) h = (h ^ float_bits(v)) * 0x100000001b3u;
  }
  return h;
}

// Exact results at single points.
long check_points() {
  const float inf = HUGE_VALF;
  const struct {
    float got, want;
  } points[] = {
      {exp_r(-inf), 0.0f},      {exp_r(inf), inf},         {exp_r(0.0f), 1.0f},
      {exp_r(-0.0f), 1.0f},     {log_r(0.0f), -inf},       {log_r(-0.0f), -inf},
      {log_r(1.0f), 0.0f},      {log_r(inf), inf},         {erf_r(inf), 1.0f},
      {erf_r(-inf), -1.0f},     {erf_r(-0.0f), -0.0f},     {tanh_r(inf), 1.0f},
      {tanh_r(-inf), -1.0f},    {tanh_r(-0.0f), -0.0f},    {gelu_r(inf), inf},
      {gelu_r(0.0f), 0.0f},     {gelu_grad_r(0.0f), 0.5f}, {round_half_even(2.5f), 2.0f},
      {round_half_even(3.5f), 4.0f}, {round_half_even(-0.5f), 0.0f}};
  long bad = 0;
  for (const auto& p : points) bad += float_bits(p.got) != float_bits(p.want);
  const float nans[] = {log_r(-1.0f), log_r(-inf), log_r(-0x1p-149f), gelu_r(-inf),
                        gelu_grad_r(inf), gelu_grad_r(-inf)};
  for (float v : nans) bad += float_bits(v) != TERNION_NAN_BITS;
  bad += std::fabs(gelu_grad_r(0.7) - ref_gelu_grad(0.7)) > 1e-15;  // the overloads for double
  bad += round_half_even(2.5) != 2.0;
  return bad;
}

// fma_rn against the C library, on operands that favour double rounding.
long check_fma() {
  std::uint64_t s = 88172645463325252u;
  long bad = 0;
  for (int i = 0; i < 2000000; ++i) {
    s ^= s << 13, s ^= s >> 7, s ^= s << 17;
    const auto u = static_cast<std::uint32_t>(s), v = static_cast<std::uint32_t>(s >> 32);
    const bool raw = (i & 1) != 0;
    const float a = bits_float(raw ? u : (u & 0x807ff800u) | 0x3f800000u);
    const float b = bits_float(raw ? v : (v & 0x807ff800u) | ((v & 1) ? 0x33800000u : 0x33000000u));
    const std::uint32_t t = u * 0x9e3779b1u;
    const float c = bits_float(raw ? t : (t & 0x807ffff0u) | 0x3f800000u);
    const float x = fma_rn(a, b, c), y = std::fma(a, b, c);
    bad += float_bits(x) != float_bits(y) && !(x != x && y != y);
  }
  return bad;
}

}  // namespace

int main(int argc, char** argv) {
  const bool all = argc > 1 && std::strcmp(argv[1], "--all") == 0;
  long failures = check_points();
  failures += check_fma();
  double worst = 0.0;
  for (const Function& f : kFunctions) {
    const Worst w = check_function(f, all);
    const std::uint64_t hash = hash_function(f);
    const bool bad = w.failures != 0 || hash != f.hash;
    if (all || bad)
      std::printf("%-16s max %.4g %s at %a, failures %ld, hash %016" PRIx64 "%s\n", f.name, w.error,
                  f.absolute ? "absolute" : "ulp", static_cast<double>(w.at), w.failures, hash,
                  hash == f.hash ? "" : " (unexpected)");
    failures += w.failures + (hash != f.hash);
    if (!f.absolute) worst = std::max(worst, w.error);
  }
  std::printf("math_test: stride %u, max %.3f ulp, %ld failures\n", all ? 1u : kStride, worst,
              failures);
  return failures == 0 ? 0 : 1;
}
