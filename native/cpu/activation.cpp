// GELU and tanh with the shared polynomials of math.h.
#include "cpu_backend.h"
#include "ternion/math.h"
#include "tops.h"

namespace ternion {
namespace TERNION_NS {
namespace {
constexpr int64_t kGrain = 1 << 13;
}

void CpuBackend::gelu_forward(Buffer& y, const Buffer& x, int64_t n, Buffer* tops, int64_t slot) {
  real* yp = reals(y, n, "gelu_forward y");
  const real* xp = reals(x, n, "gelu_forward x");
  const Top top(tops, slot, "gelu_forward tops");
  parallel(n, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) yp[i] = gelu_r(xp[i]);
    top.raise(yp, begin, end);
  });
}

void CpuBackend::gelu_backward(Buffer& dx, const Buffer& dy, const Buffer& x, int64_t n) {
  real* dxp = reals(dx, n, "gelu_backward dx");
  const real *dyp = reals(dy, n, "gelu_backward dy"), *xp = reals(x, n, "gelu_backward x");
  parallel(n, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) dxp[i] = dyp[i] * gelu_grad_r(xp[i]);
  });
}

void CpuBackend::tanh_forward(Buffer& y, const Buffer& x, int64_t n) {
  real* yp = reals(y, n, "tanh_forward y");
  const real* xp = reals(x, n, "tanh_forward x");
  parallel(n, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) yp[i] = tanh_r(xp[i]);
  });
}

void CpuBackend::tanh_backward(Buffer& dx, const Buffer& dy, const Buffer& y, int64_t n) {
  real* dxp = reals(dx, n, "tanh_backward dx");
  const real *dyp = reals(dy, n, "tanh_backward dy"), *yp = reals(y, n, "tanh_backward y");
  parallel(n, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) dxp[i] = dyp[i] * (real(1) - yp[i] * yp[i]);
  });
}

}  // namespace TERNION_NS
}  // namespace ternion
