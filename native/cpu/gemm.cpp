// Dense products of the contract. In bf16 the operands are rounded, whatever then multiplies them: instructions on bf16 where the
// processor has them, else f32 ones on the rounded values.
#include "product.h"
#include "ternion/bf16.h"

namespace ternion {
namespace TERNION_NS {
namespace {

constexpr int64_t kProductGrain = 1 << 14;

/// What bf16 holds, as bits or as a number.
void put(uint16_t& to, real x) { to = to_bf16(static_cast<float>(x)); }
void put(real& to, real x) { to = from_bf16(to_bf16(static_cast<float>(x))); }

/// n elements made by `of` from their number, rounded to bf16 and held as T.
template <class T>
class Rounded {
 public:
  template <class F>
  Rounded(CpuBackend& backend, int64_t n, F&& of) : bytes_(backend, U8, n * static_cast<int64_t>(sizeof(T))) {
    T* to = static_cast<T*>((*bytes_).data());
    backend.parallel(n, kProductGrain, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) put(to[i], static_cast<real>(of(i)));
    });
  }
  const T* elements() const { return static_cast<const T*>((*bytes_).data()); }

 private:
  Scratch bytes_;
};

/// p with the operands a(i) and b(i) rounded to bf16; p.a and p.b are not read.
template <class T, class A, class B>
void multiply_rounded(CpuBackend& backend, const Product<real>& p, A&& a, B&& b) {
  const Rounded<T> left(backend, p.m * p.k, a), right(backend, p.k * p.n, b);
  Product<T> rounded{p.c, left.elements(), right.elements(), p.bias, p.factor, p.m, p.n, p.k, p.trans_a, p.trans_b, p.accumulate};
  multiply(backend, rounded);
}

template <class A, class B>
void multiply_in_bf16(CpuBackend& backend, const Product<real>& p, A&& a, B&& b) {
  if (multiplies_bf16() && p.m > 0 && p.n > 0 && p.k > 0) multiply_rounded<uint16_t>(backend, p, a, b);
  else multiply_rounded<real>(backend, p, a, b);
}

constexpr bool kReference = sizeof(real) == sizeof(double);

}  // namespace

void CpuBackend::gemm(Buffer& c, const Buffer& a, const Buffer& b, const Buffer* bias, int64_t m, int64_t n, int64_t k,
                      bool trans_a, bool trans_b, bool accumulate, bool bf16) {
  const Product<real> p{reals(c, m * n, "gemm c"), reals(a, m * k, "gemm a"), reals(b, k * n, "gemm b"),
                        bias ? reals(*bias, n, "gemm bias") : nullptr, 1, m, n, k, trans_a, trans_b, accumulate};
  if (!bf16 || kReference) {
    multiply(*this, p);
    return;
  }
  multiply_in_bf16(*this, p, [&](int64_t i) { return p.a[i]; }, [&](int64_t i) { return p.b[i]; });
}

void CpuBackend::gemm_codes(Buffer& c, const Buffer& dy, const Buffer& codes, const Buffer& scale, int64_t group, int64_t m,
                            int64_t n, int64_t k, bool trans_dy, bool accumulate, bool bf16) {
  const int64_t count = k * n;
  if (!bf16 || kReference) {
    const Scratch values(*this, REAL, count);
    dequantize(*values, codes, scale, count, group);
    gemm(c, dy, *values, nullptr, m, n, k, trans_dy, false, accumulate, false);
    return;
  }
  if (group < 1 || count % group != 0) throw std::invalid_argument("[gemm_codes] group must divide k n");
  Product<real> p{reals(c, m * n, "gemm_codes c"), reals(dy, m * k, "gemm_codes dy"), nullptr, nullptr, 1, m, n, k, trans_dy, false,
                  accumulate};
  const int8_t* cp = codes_of(codes, count, "gemm_codes codes");
  const real* sp = reals(scale, count / group, "gemm_codes scale");
  const auto gradient = [&](int64_t i) { return p.a[i]; };
  if (group == count) {
    p.factor = sp[0];
    multiply_in_bf16(*this, p, gradient, [&](int64_t i) { return cp[i]; });
  } else {
    multiply_in_bf16(*this, p, gradient, [&](int64_t i) { return static_cast<real>(cp[i]) * sp[i / group]; });
  }
}

}  // namespace TERNION_NS
}  // namespace ternion
