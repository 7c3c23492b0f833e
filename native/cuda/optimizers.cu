// BertAdam and AdamW with the norms they read: one launch for all tensors of a list. What the host does not know without
// waiting (norms, rates, counts, guard) is read on the device. Ref: [BERTADAM], [ADAMW]
#include <cmath>

#include "chunked_sum.h"
#include "cuda_backend.h"
#include "index.h"
#include "magnitude.h"
#include "tensor_table.h"
#include "ternion/power.h"

namespace ternion {
namespace {

constexpr int kUpdateThreads = 256, kPerThread = 4;
constexpr int kTurn = kUpdateThreads * kPerThread;  // elements of a chunk that a block updates at a time
constexpr int kTensors = 256;                 // of a launch

/// A tensor to update. A block works on one chunk of it.
struct Updated {
  Global<float> p, m, v;
  Global<const float> grad;
  Global<double> sums;  ///< of |clamp(p)| over chunks after the update, or null
  int64_t n;
  int32_t slot;
  float decay, bound;
};
using UpdateTable = TensorTable<Updated, kTensors>;

struct Squared {
  Global<const float> x;
  int64_t n;
  int64_t slot;
};
using SquareTable = TensorTable<Squared, kTensors>;

/// Constants of an update.
struct Betas {
  float b1, c1, b2, c2, eps;
  Betas(double beta1, double beta2, double e)
      : b1(static_cast<float>(beta1)), c1(static_cast<float>(1 - beta1)), b2(static_cast<float>(beta2)),
        c2(static_cast<float>(1 - beta2)), eps(static_cast<float>(e)) {}
};

/// Factor that clips a gradient of the given squared norm to max_norm.
__device__ float clip_factor(double squared_norm, double max_norm) {
  if (max_norm <= 0) return 1;
  const double factor = max_norm / (std::sqrt(squared_norm) + 1e-6);
  return static_cast<float>(factor < 1 ? factor : 1);
}

/// Runs step(p, gradient, m, v) on the elements of a chunk unless `held`, and adds |clamp(p)| in any case where the tensor has
/// sums: the first warp does, in the canonical order, from shared memory, while the others update the next turn.
template <class F>
__device__ __forceinline__ void update_chunk(const Updated& t, int64_t chunk, bool held, F step) {
  TERNION_SHARED(float, magnitudes, 2 * kTurn);
  if (held && !t.sums) return;
  const int64_t begin = chunk * kSumChunk, end = begin + kSumChunk < t.n ? begin + kSumChunk : t.n;
  float sum = 0;
  int half = 0;
  for (int64_t turn = begin; turn < end; turn += kTurn, half = kTurn - half) {
    float p[kPerThread] = {}, g[kPerThread] = {}, m[kPerThread] = {}, v[kPerThread] = {};
    for (int j = 0; j < kPerThread; ++j) {
      const int64_t i = turn + j * kUpdateThreads + threadIdx.x;
      if (i >= end) continue;
      p[j] = t.p[i];
      if (held) continue;
      g[j] = t.grad[i];
      m[j] = t.m[i];
      v[j] = t.v[i];
    }
    for (int j = 0; j < kPerThread; ++j) {
      const int64_t i = turn + j * kUpdateThreads + threadIdx.x;
      if (i < end && !held) {
        step(p[j], g[j], m[j], v[j]);
        t.p[i] = p[j];
        t.m[i] = m[j];
        t.v[i] = v[j];
      }
      if (t.sums) magnitudes[half + j * kUpdateThreads + static_cast<int>(threadIdx.x)] = clamped_abs(p[j], t.bound);
    }
    if (!t.sums) continue;
    __syncthreads();
    if (threadIdx.x < 32)
      for (int j = 0; j < kTurn; j += 32) sum += magnitudes[half + j + lane_index()];
  }
  if (!t.sums || threadIdx.x >= 32) return;
  sum = warp_tree_sum(sum);
  if (threadIdx.x == 0) t.sums[chunk] = static_cast<double>(sum);
}

__global__ void __launch_bounds__(kUpdateThreads)
    bert_adam_update(const __grid_constant__ UpdateTable table, Global<const double> norms, Global<const float> lr, Betas with,
                     double max_norm, Global<const int32_t> guard) {
  TERNION_SHARED(float, clip_of_tensor, 1);
  const int index = table.tensor_of(static_cast<int32_t>(blockIdx.x));
  const Updated& t = table.tensors[index];
  if (threadIdx.x == 0) clip_of_tensor[0] = clip_factor(norms[t.slot], max_norm);
  __syncthreads();
  const float clip = clip_of_tensor[0], rate = lr[t.slot], decay = t.decay;
  update_chunk(t, blockIdx.x - table.first[index], guard[0] != 0, [&](float& p, float grad, float& m, float& v) {
    const float g = grad * clip;
    m = with.b1 * m + with.c1 * g;
    v = with.b2 * v + with.c2 * g * g;
    p = p - rate * (m / (std::sqrt(v) + with.eps) + decay * p);
  });
}

__global__ void __launch_bounds__(kUpdateThreads)
    adamw_update(const __grid_constant__ UpdateTable table, Global<const double> norms, int64_t norm_slot, Global<const float> lr,
                 Global<const int32_t> counts, double beta1, double beta2, Betas with, double max_norm,
                 Global<const int32_t> guard) {
  TERNION_SHARED(float, of_tensor, 3);  // clip factor, bias corrections of both moments
  const int index = table.tensor_of(static_cast<int32_t>(blockIdx.x));
  const Updated& t = table.tensors[index];
  if (threadIdx.x == 0) {
    of_tensor[0] = clip_factor(norms[norm_slot], max_norm);
    of_tensor[1] = static_cast<float>(1 / (1 - power(beta1, counts[t.slot])));
    of_tensor[2] = static_cast<float>(1 / (1 - power(beta2, counts[t.slot])));
  }
  __syncthreads();
  const float clip = of_tensor[0], correct1 = of_tensor[1], correct2 = of_tensor[2], rate = lr[t.slot], decay = t.decay;
  update_chunk(t, blockIdx.x - table.first[index], guard[0] != 0, [&](float& p, float grad, float& m, float& v) {
    const float g = grad * clip;
    m = with.b1 * m + with.c1 * g;
    v = with.b2 * v + with.c2 * g * g;
    const float update = (m * correct1) / (std::sqrt(v * correct2) + with.eps);
    p = p - rate * (update + decay * p);
  });
}

/// partial[b] = sum of squares of chunk b of the table. One block of one warp for each.
__global__ void squares_of_chunks(Global<double> partial, const __grid_constant__ SquareTable table) {
  const int index = table.tensor_of(static_cast<int32_t>(blockIdx.x));
  const Squared& t = table.tensors[index];
  const double sum = chunk_sum(blockIdx.x - table.first[index], t.n, [&](int64_t i) {
    const float x = t.x[i];
    return x * x;
  });
  if (lane_index() == 0) partial[blockIdx.x] = sum;
}

/// out[slot] = the chunks of a tensor, added in order. One block of one warp for each tensor.
__global__ void squares_of_tensors(Global<double> out, const __grid_constant__ SquareTable table, Global<const double> partial) {
  const int64_t first = table.first[blockIdx.x], chunks = table.first[blockIdx.x + 1] - first;
  const double sum = ordered_sum<double>(chunks, [&](int64_t c) { return partial[first + c]; });
  if (lane_index() == 0) out[table.tensors[blockIdx.x].slot] = sum;
}

__global__ void look_for_infinite(Global<int32_t> guard, Global<const double> values, int64_t n) {
  const int64_t i = thread_index();
  if (i >= n) return;
  const double value = values[i];
  if (!(value - value == 0)) guard[0] = 1;
}

/// Puts an entry into the table, its memory checked for the operation `name`.
bool put(UpdateTable& table, const UpdateList::Entry& e, const std::string& name) {
  if (e.slot > INT32_MAX) throw std::invalid_argument("[" + name + "] slot " + std::to_string(e.slot) + ": wanted up to 2^31 - 1");
  const int64_t chunks = sum_chunks(e.n);
  const Global<double> sums = e.sums ? doubles(*e.sums, chunks, (name + " sums").c_str()) : Global<double>();
  return table.add({reals(*e.p, e.n, (name + " p").c_str()), reals(*e.m, e.n, (name + " m").c_str()),
                    reals(*e.v, e.n, (name + " v").c_str()), reals(*e.grad, e.n, (name + " grad").c_str()), sums, e.n,
                    static_cast<int32_t>(e.slot), static_cast<float>(e.decay), static_cast<float>(e.clip)},
                   chunks);
}

/// Elements of a buffer that has one for each slot.
int64_t slots_of(const UpdateList& list) {
  int64_t slots = 0;
  for (const auto& e : list.entries()) slots = e.slot < slots ? slots : e.slot + 1;
  return slots;
}

}  // namespace

void CudaBackend::guard_finite(Buffer& guard, const Buffer& values, int64_t n) {
  const auto gp = ints(guard, 1, "guard_finite guard");
  const auto vp = doubles(values, n, "guard_finite values");
  launch(each("guard_finite", n), look_for_infinite, gp, vp, n);
}

void CudaBackend::sum_squares(Buffer& out, const UpdateList& list) {
  const auto op = doubles(out, slots_of(list), "sum_squares out");
  for_tables<SquareTable>(
      list.entries(),
      [](SquareTable& table, const UpdateList::Entry& e) {
        return table.add({reals(*e.grad, e.n, "sum_squares grad"), e.n, e.slot}, sum_chunks(e.n));
      },
      [&](const SquareTable& table) {
        const Scratch partial(*this, F64, table.blocks());
        const auto pp = doubles(*partial, table.blocks(), "sum_squares partial");
        launch(shape("sum_squares", table.blocks(), 32), squares_of_chunks, pp, table);
        launch(shape("sum_squares", table.count, 32), squares_of_tensors, op, table, pp);
      });
}

void CudaBackend::bert_adam(const UpdateList& list, const Buffer& norms, const Buffer& lr, double beta1, double beta2, double eps, double max_norm, const Buffer& guard) {
  const int64_t slots = slots_of(list);
  const auto squares = doubles(norms, slots, "bert_adam norms");
  const auto rates = reals(lr, slots, "bert_adam lr");
  const auto guarded = ints(guard, 1, "bert_adam guard");
  for_tables<UpdateTable>(
      list.entries(), [](UpdateTable& table, const UpdateList::Entry& e) { return put(table, e, "bert_adam"); },
      [&](const UpdateTable& table) {
        launch(shape("bert_adam", table.blocks(), kUpdateThreads), bert_adam_update, table, squares, rates, Betas(beta1, beta2, eps),
               max_norm, guarded);
      });
}

void CudaBackend::adamw(const UpdateList& list, const Buffer& norms, int64_t norm_slot, const Buffer& lr, const Buffer& counts, double beta1, double beta2, double eps, double max_norm, const Buffer& guard) {
  if (norm_slot < 0) throw std::invalid_argument("[adamw norms] slot " + std::to_string(norm_slot) + " is negative");
  const int64_t slots = slots_of(list);
  const auto squares = doubles(norms, norm_slot + 1, "adamw norms");
  const auto rates = reals(lr, slots, "adamw lr");
  const auto steps = ints(counts, slots, "adamw counts");
  const auto guarded = ints(guard, 1, "adamw guard");
  for_tables<UpdateTable>(
      list.entries(), [](UpdateTable& table, const UpdateList::Entry& e) { return put(table, e, "adamw"); },
      [&](const UpdateTable& table) {
        launch(shape("adamw", table.blocks(), kUpdateThreads), adamw_update, table, squares, norm_slot, rates, steps, beta1, beta2,
               Betas(beta1, beta2, eps), max_norm, guarded);
      });
}

}  // namespace ternion
