// BertAdam and AdamW, one pass over each tensor. What the host does not know without waiting (norms, rates, counts) is read
// on the device. Ref: [BERTADAM], [ADAMW]
#include <cmath>

#include "cuda_backend.h"
#include "ternion/power.h"

namespace ternion {
namespace {

constexpr int kThreads = 256, kPerThread = 4;

/// Factor that clips a gradient of the given squared norm to max_norm.
__device__ float clip_factor(double squared_norm, double max_norm) {
  if (max_norm <= 0) return 1;
  const double factor = max_norm / (std::sqrt(squared_norm) + 1e-6);
  return static_cast<float>(factor < 1 ? factor : 1);
}

/// Element `turn` of this thread: a block works on kThreads * kPerThread elements, neighbours by neighbouring threads.
__device__ int64_t element_of(int turn) {
  return (int64_t{blockIdx.x} * kPerThread + turn) * kThreads + threadIdx.x;
}

__global__ void bert_adam_update(Global<float> p, Global<const float> grad, Global<float> m, Global<float> v, int64_t n,
                                 Global<const double> norms, Global<const float> lr, int64_t slot, float b1, float c1, float b2,
                                 float c2, float eps, float decay, double max_norm) {
  TERNION_SHARED(float, clip_of_tensor, 1);
  if (threadIdx.x == 0) clip_of_tensor[0] = clip_factor(norms[slot], max_norm);
  __syncthreads();
  const float clip = clip_of_tensor[0], rate = lr[slot];
  for (int turn = 0; turn < kPerThread; ++turn) {
    const int64_t i = element_of(turn);
    if (i >= n) return;
    const float g = grad[i] * clip, mean = b1 * m[i] + c1 * g, square = b2 * v[i] + c2 * g * g, old = p[i];
    m[i] = mean;
    v[i] = square;
    p[i] = old - rate * (mean / (std::sqrt(square) + eps) + decay * old);
  }
}

__global__ void adamw_update(Global<float> p, Global<const float> grad, Global<float> m, Global<float> v, int64_t n,
                             Global<const double> norms, int64_t norm_slot, Global<const float> lr, Global<const int32_t> counts,
                             int64_t slot, double beta1, float b1, float c1, double beta2, float b2, float c2, float eps,
                             float decay, double max_norm) {
  TERNION_SHARED(float, of_tensor, 3);  // clip factor, bias corrections of both moments
  if (threadIdx.x == 0) {
    of_tensor[0] = clip_factor(norms[norm_slot], max_norm);
    of_tensor[1] = static_cast<float>(1 / (1 - power(beta1, counts[slot])));
    of_tensor[2] = static_cast<float>(1 / (1 - power(beta2, counts[slot])));
  }
  __syncthreads();
  const float clip = of_tensor[0], correct1 = of_tensor[1], correct2 = of_tensor[2], rate = lr[slot];
  for (int turn = 0; turn < kPerThread; ++turn) {
    const int64_t i = element_of(turn);
    if (i >= n) return;
    const float g = grad[i] * clip, mean = b1 * m[i] + c1 * g, square = b2 * v[i] + c2 * g * g, old = p[i];
    const float update = (mean * correct1) / (std::sqrt(square * correct2) + eps);
    m[i] = mean;
    v[i] = square;
    p[i] = old - rate * (update + decay * old);
  }
}

void check_slot(int64_t slot, const char* what) {
  if (slot < 0) throw std::invalid_argument(std::string("[") + what + "] slot " + std::to_string(slot) + " is negative");
}

LaunchShape update_shape(CudaBackend& backend, const char* name, int64_t n) {
  constexpr int64_t block = kThreads * kPerThread;
  return backend.shape(name, (n + block - 1) / block, kThreads);
}

}  // namespace

void CudaBackend::bert_adam(Buffer& p, const Buffer& grad, Buffer& m, Buffer& v, int64_t n, const Buffer& norms, const Buffer& lr, int64_t slot, double beta1, double beta2, double eps, double decay, double max_norm) {
  const auto ps = reals(p, n, "bert_adam p"), ms = reals(m, n, "bert_adam m"), vs = reals(v, n, "bert_adam v");
  const auto gs = reals(grad, n, "bert_adam grad");
  check_slot(slot, "bert_adam norms");
  const auto squares = doubles(norms, slot + 1, "bert_adam norms");
  const auto rates = reals(lr, slot + 1, "bert_adam lr");
  launch(update_shape(*this, "bert_adam", n), bert_adam_update, ps, gs, ms, vs, n, squares, rates, slot, static_cast<float>(beta1),
         static_cast<float>(1 - beta1), static_cast<float>(beta2), static_cast<float>(1 - beta2), static_cast<float>(eps),
         static_cast<float>(decay), max_norm);
}

void CudaBackend::adamw(Buffer& p, const Buffer& grad, Buffer& m, Buffer& v, int64_t n, const Buffer& norms, int64_t norm_slot, const Buffer& lr, const Buffer& counts, int64_t slot, double beta1, double beta2, double eps, double decay, double max_norm) {
  const auto ps = reals(p, n, "adamw p"), ms = reals(m, n, "adamw m"), vs = reals(v, n, "adamw v");
  const auto gs = reals(grad, n, "adamw grad");
  check_slot(norm_slot, "adamw norms");
  const auto squares = doubles(norms, norm_slot + 1, "adamw norms");
  check_slot(slot, "adamw lr");
  const auto rates = reals(lr, slot + 1, "adamw lr");
  const auto steps = ints(counts, slot + 1, "adamw counts");
  launch(update_shape(*this, "adamw", n), adamw_update, ps, gs, ms, vs, n, squares, norm_slot, rates, steps, slot, beta1,
         static_cast<float>(beta1), static_cast<float>(1 - beta1), beta2, static_cast<float>(beta2), static_cast<float>(1 - beta2),
         static_cast<float>(eps), static_cast<float>(decay), max_norm);
}

}  // namespace ternion
