// Scalar functions shared by the CPU and the CUDA backend, so that both compute the same bytes.
//
// Everything here is built from IEEE +, -, *, /, one explicit fused multiply-add (fma_rn), integer
// bit operations and selects. No table, no library call, no data-dependent branch: a loop
// `for (i < n) y[i] = f(x[i])` auto-vectorises and gives the bytes of the scalar call on every ISA.
// Required flags, host:   -ffp-contract=off -fno-math-errno -fno-trapping-math (never -ffast-math)
//                 device: -fmad=false (with nvcc's defaults -ftz=false -prec-div=true)
// Required state: round to nearest even, MXCSR FTZ and DAZ off.
// Every function is always_inline and internal, so one program may hold several ISA builds of it.
//
// Float results, maximum error in units of the last place of the exact result, and where (measured
// by math_test --all over all 2^32 arguments, against double):
//   exp_r  1.013  at 0x1.da72c4p+5
//   log_r  1.003  at 0x1.43e704p-1
//   erf_r  1.034  at 0x1.0e801cp+0
//   tanh_r 1.332  at 0x1.43183ap-1
// gelu_r and gelu_grad_r are formulas on top; absolute error over max(1, |result|), same sweep:
//   gelu_r 1.276e-7  at 0x1.2b0398p+0
//   gelu_grad_r 1.406e-7  at 0x1.810b8ep-1
// A NaN result is always the quiet NaN 0x7fc00000, whatever the payload of the argument.
//
// Derivation of the coefficients: the tail of each function (the part after the exact leading
// term) is fitted in 40-digit arithmetic on 3000 to 4000 Chebyshev points, minimax in the final
// relative error (Remez exchange; Lawson iteration for log, where the exchange did not settle on
// the minimax). Coefficients are rounded to float one at a time from the lowest degree, and the rest
// refitted after each; the error stated at each polynomial is the fitted one after that rounding.
//
// The overloads for double serve the gradient checks and call the C library.
#ifndef TERNION_MATH_H
#define TERNION_MATH_H

#include <cmath>
#include <cstdint>

#ifdef __CUDACC__
#define TERNION_FN static __host__ __device__ __forceinline__
#else
#define TERNION_FN static inline __attribute__((always_inline))
#endif

namespace ternion {

// The bits of a float, and the float of given bits.
TERNION_FN std::uint32_t float_bits(float x) {
#ifdef __CUDA_ARCH__
  return __float_as_uint(x);
#else
  return __builtin_bit_cast(std::uint32_t, x);
#endif
}

TERNION_FN float bits_float(std::uint32_t u) {
#ifdef __CUDA_ARCH__
  return __uint_as_float(u);
#else
  return __builtin_bit_cast(float, u);
#endif
}

// a * b + c rounded once. Without hardware FMA: the product is exact in double, the sum is rounded
// to odd (TwoSum gives the sign of the error), so the final rounding to float is the correct one
// [BOLDO-MELQUIOND], subnormal results included.
TERNION_FN float fma_rn(float a, float b, float c) {
#if defined(__CUDA_ARCH__)
  return __fmaf_rn(a, b, c);
#elif defined(__FMA__)
  return __builtin_fmaf(a, b, c);
#else
  const double p = static_cast<double>(a) * static_cast<double>(b);
  const double d = static_cast<double>(c);
  const double s = p + d;
  const double v = s - p;
  const double e = (p - (s - v)) + (d - v);
  // Inexact: the last bit becomes 1, one step towards the exact sum where it was 0. The comparison
  // is false for the NaN that an infinite or NaN sum leaves in e.
  const std::uint64_t u = __builtin_bit_cast(std::uint64_t, s);
  const std::uint64_t inexact = __builtin_fabs(e) > 0.0 ? 1 : 0;
  const std::uint64_t below = (__builtin_bit_cast(std::uint64_t, e) ^ u) >> 63;  // |exact| < |s|
  return static_cast<float>(__builtin_bit_cast(double, (u - (below & inexact)) | inexact));
#endif
}

TERNION_FN double fma_rn(double a, double b, double c) { return std::fma(a, b, c); }

// Constants written as bits or hexadecimal literals only.
#define TERNION_NAN_BITS 0x7fc00000u
#define TERNION_INF_BITS 0x7f800000u
#define TERNION_ROUND_MAGIC 12582912.0f  // 1.5 * 2^23: adding it leaves an integer in the low bits

// x rounded to the nearest integer, ties to even, for |x| <= 2^22; a zero result is +0.
TERNION_FN float round_half_even(float x) {
  return (x + TERNION_ROUND_MAGIC) - TERNION_ROUND_MAGIC;
}

// The same for |x| <= 2^51.
TERNION_FN double round_half_even(double x) {
  return (x + 6755399441055744.0) - 6755399441055744.0;  // 1.5 * 2^52
}

// exp(x) = m * 2^n with n = rint(x / ln 2) and m in [0.70, 1.42], for |x| <= 105. The reduction
// r = x - n ln 2 is exact in its first step (Cody and Waite with fused multiply-add). On
// |r| <= 0.3475, exp(r) = 1 + (r + r^2 q(r)), q of degree 4, error 2^-28.2.
TERNION_FN float exp_mantissa(float x, std::uint32_t* n) {
  const float t = fma_rn(x, 0x1.715476p+0f, TERNION_ROUND_MAGIC);
  const float k = t - TERNION_ROUND_MAGIC;
  *n = float_bits(t) - float_bits(TERNION_ROUND_MAGIC);
  float r = fma_rn(k, -0x1.62e430p-1f, x);
  r = fma_rn(k, 0x1.05c610p-29f, r);
  float q = 0x1.6ac322p-10f;
  q = fma_rn(q, r, 0x1.123ec2p-7f);
  q = fma_rn(q, r, 0x1.555850p-5f);
  q = fma_rn(q, r, 0x1.55548ap-3f);
  q = fma_rn(q, r, 0x1.fffffcp-2f);
  const float r2 = r * r;
  return 1.0f + fma_rn(q, r2, r);
}

// exp(x) where the result is normal: |x| <= 87.
TERNION_FN float exp_normal(float x) {
  std::uint32_t n;
  const float m = exp_mantissa(x, &n);
  return bits_float(float_bits(m) + (n << 23));
}

// e^x over all floats. The scale 2^n is applied in two exact halves, so that overflow gives +inf
// and gradual underflow rounds once more at most; the clamps lie beyond both.
TERNION_FN float exp_r(float x) {
  float c = x < -104.0f ? -104.0f : x;
  c = c > 89.0f ? 89.0f : c;
  std::uint32_t n;
  const float m = exp_mantissa(c, &n);
  const std::uint32_t h = static_cast<std::uint32_t>(static_cast<std::int32_t>(n) >> 1);
  const float y = (m * bits_float((h + 127u) << 23)) * bits_float((n - h + 127u) << 23);
  return x != x ? bits_float(TERNION_NAN_BITS) : y;
}

// Natural logarithm: -inf at both zeros, NaN below. x = 2^e (1 + f), f in [-1/3, 1/3), exactly;
// log(1 + f) = f + f^2 q(f), q of degree 8, error 2^-27.7, in two interleaved Horner chains.
TERNION_FN float log_r(float x) {
  const bool tiny = x < 0x1p-126f;
  const float a = tiny ? x * 0x1p+23f : x;
  const std::uint32_t u = float_bits(a);
  const std::uint32_t d = (u - 0x3f2aaaabu) & 0xff800000u;  // 0x3f2aaaab: 2/3
  const float f = bits_float(u - d) - 1.0f;
  const float e = static_cast<float>(static_cast<std::int32_t>(d) >> 23) - (tiny ? 23.0f : 0.0f);
  const float s = f * f;
  float p = -0x1.07c894p-3f;
  float q = 0x1.1e678cp-3f;
  p = fma_rn(p, s, -0x1.f332f8p-4f);
  q = fma_rn(q, s, 0x1.1ed662p-3f);
  p = fma_rn(p, s, -0x1.559c44p-3f);
  q = fma_rn(q, s, 0x1.99d044p-3f);
  p = fma_rn(p, s, -0x1.fffefcp-3f);
  q = fma_rn(q, s, 0x1.555506p-2f);
  p = fma_rn(p, s, -0x1.000000p-1f);
  p = fma_rn(q, f, p);
  float y = fma_rn(p, s, fma_rn(e, -0x1.05c610p-29f, f));
  y = fma_rn(e, 0x1.62e430p-1f, y);
  y = x < bits_float(TERNION_INF_BITS) ? y : x;
  y = x == 0.0f ? bits_float(TERNION_INF_BITS | 0x80000000u) : y;
  return x >= 0.0f ? y : bits_float(TERNION_NAN_BITS);
}

// Error function, odd by construction. t = |x|:
//   t < 1:  t + t P(t^2), P of degree 6 fitted to erf(t)/t - 1 on [0, 1], error 2^-29.4;
//   else    1 - exp(-(t + t Q(t))), Q of degree 6 fitted to -log(erfc(t))/t - 1 on [0.9, 3.95],
//           error 2^-29.3; t is clamped to 4, where the result is 1.
TERNION_FN float erf_r(float x) {
  const std::uint32_t u = float_bits(x);
  const float t = bits_float(u & 0x7fffffffu);
  const float s = t * t;
  float p = 0x1.4771fep-14f;
  p = fma_rn(p, s, -0x1.a3515ep-11f);
  p = fma_rn(p, s, 0x1.53f224p-8f);
  p = fma_rn(p, s, -0x1.b7f71ap-6f);
  p = fma_rn(p, s, 0x1.ce2ce6p-4f);
  p = fma_rn(p, s, -0x1.81273ep-2f);
  p = fma_rn(p, s, 0x1.06eba8p-3f);
  const float near = fma_rn(p, t, t);
  const float c = t < 4.0f ? t : 4.0f;
  float q = 0x1.5de08ep-17f;
  q = fma_rn(q, c, -0x1.4a1d08p-12f);
  q = fma_rn(q, c, 0x1.d9335ap-9f);
  q = fma_rn(q, c, -0x1.84359ap-6f);
  q = fma_rn(q, c, 0x1.b2d3bcp-4f);
  q = fma_rn(q, c, 0x1.4538aep-1f);
  q = fma_rn(q, c, 0x1.0772e0p-3f);
  const float far = 1.0f - exp_normal(-fma_rn(q, c, c));
  const float y = bits_float(float_bits(t < 1.0f ? near : far) | (u & 0x80000000u));
  return x != x ? bits_float(TERNION_NAN_BITS) : y;
}

// Hyperbolic tangent, odd by construction. t = |x|:
//   t < 0.625: t + t (t^2 P(t^2)), P of degree 4 fitted to (tanh(t)/t - 1)/t^2, error 2^-27.7;
//   else       1 - 2 / (exp(2t) + 1); t is clamped to 10, where the result is 1.
TERNION_FN float tanh_r(float x) {
  const std::uint32_t u = float_bits(x);
  const float t = bits_float(u & 0x7fffffffu);
  const float s = t * t;
  float p = -0x1.750ce4p-8f;
  p = fma_rn(p, s, 0x1.51f8cep-6f);
  p = fma_rn(p, s, -0x1.b835a4p-5f);
  p = fma_rn(p, s, 0x1.1106f6p-3f);
  p = fma_rn(p, s, -0x1.555532p-2f);
  const float near = fma_rn(p * s, t, t);
  const float c = t < 10.0f ? t : 10.0f;
  const float far = 1.0f - 2.0f / (exp_normal(c + c) + 1.0f);
  const float y = bits_float(float_bits(t < 0.625f ? near : far) | (u & 0x80000000u));
  return x != x ? bits_float(TERNION_NAN_BITS) : y;
}

TERNION_FN double exp_r(double x) { return std::exp(x); }
TERNION_FN double log_r(double x) { return std::log(x); }
TERNION_FN double erf_r(double x) { return std::erf(x); }
TERNION_FN double tanh_r(double x) { return std::tanh(x); }

// GELU, exact form: (0.5 x) (1 + erf(x / sqrt 2)). NaN at -inf, as the formula gives.
TERNION_FN float gelu_r(float x) {
  const float y = (0.5f * x) * (1.0f + erf_r(x * 0.70710678f));
  return y != y ? bits_float(TERNION_NAN_BITS) : y;
}

TERNION_FN double gelu_r(double x) {
  return (0.5 * x) * (1.0 + erf_r(x * 0.70710678118654752440));
}

// Its derivative: 0.5 (1 + erf(x / sqrt 2)) + x phi(x), phi the standard normal density. The
// product and the sum are fused, so contraction cannot change them. NaN at both infinities.
TERNION_FN float gelu_grad_r(float x) {
  const float cdf = 0.5f * (1.0f + erf_r(x * 0.70710678f));
  const float phi = 0.39894228f * exp_r((-0.5f * x) * x);
  const float y = fma_rn(x, phi, cdf);
  return y != y ? bits_float(TERNION_NAN_BITS) : y;
}

TERNION_FN double gelu_grad_r(double x) {
  const double cdf = 0.5 * (1.0 + erf_r(x * 0.70710678118654752440));
  const double phi = 0.39894228040143267794 * exp_r((-0.5 * x) * x);
  return x * phi + cdf;
}

}  // namespace ternion

#endif  // TERNION_MATH_H
