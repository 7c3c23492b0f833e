// GELU and tanh with the shared polynomials of math.h.
#include "cuda_backend.h"
#include "index.h"
#include "ternion/math.h"
#include "tops.h"

namespace ternion {
namespace {

constexpr int kThreads = 256;             // of a block of gelu
constexpr int64_t kPart = 4 * kThreads;   // its elements: blocks that meet at one maximum should be few

__global__ void gelu(Global<float> y, Global<const float> x, int64_t n, Global<uint32_t> top) {
  const int64_t begin = int64_t{blockIdx.x} * kPart, end = begin + kPart < n ? begin + kPart : n;
  uint32_t mine = 0;
  for (int64_t i = begin + threadIdx.x; i < end; i += kThreads) {
    const float value = gelu_r(x[i]);
    y[i] = value;
    mine = larger(mine, magnitude_bits(value));
  }
  raise_top(top, 0, mine);
}

__global__ void gelu_grad(Global<float> dx, Global<const float> dy, Global<const float> x, int64_t n) {
  const int64_t i = thread_index();
  if (i < n) dx[i] = dy[i] * gelu_grad_r(x[i]);
}

__global__ void tanh_kernel(Global<float> y, Global<const float> x, int64_t n) {
  const int64_t i = thread_index();
  if (i < n) y[i] = tanh_r(x[i]);
}

__global__ void tanh_grad(Global<float> dx, Global<const float> dy, Global<const float> y, int64_t n) {
  const int64_t i = thread_index();
  if (i < n) dx[i] = dy[i] * (1.0f - y[i] * y[i]);
}

}  // namespace

void CudaBackend::gelu_forward(Buffer& y, const Buffer& x, int64_t n, Buffer* tops, int64_t slot) {
  const auto yp = reals(y, n, "gelu_forward y");
  const auto xp = reals(x, n, "gelu_forward x");
  const auto top = top_of(tops, slot, "gelu_forward tops");
  launch(shape("gelu_forward", (n + kPart - 1) / kPart, kThreads), gelu, yp, xp, n, top);
}

void CudaBackend::gelu_backward(Buffer& dx, const Buffer& dy, const Buffer& x, int64_t n) {
  const auto dxp = reals(dx, n, "gelu_backward dx");
  const auto dyp = reals(dy, n, "gelu_backward dy"), xp = reals(x, n, "gelu_backward x");
  launch(each("gelu_backward", n), gelu_grad, dxp, dyp, xp, n);
}

void CudaBackend::tanh_forward(Buffer& y, const Buffer& x, int64_t n) {
  const auto yp = reals(y, n, "tanh_forward y");
  const auto xp = reals(x, n, "tanh_forward x");
  launch(each("tanh_forward", n), tanh_kernel, yp, xp, n);
}

void CudaBackend::tanh_backward(Buffer& dx, const Buffer& dy, const Buffer& y, int64_t n) {
  const auto dxp = reals(dx, n, "tanh_backward dx");
  const auto dyp = reals(dy, n, "tanh_backward dy"), yp = reals(y, n, "tanh_backward y");
  launch(each("tanh_backward", n), tanh_grad, dxp, dyp, yp, n);
}

}  // namespace ternion
