// Dense products by cuBLASLt on a device; without it, in the emulation, by a kernel with tiles in shared memory and sums over k
// in ascending order with fused multiply-adds.
#include "dense_product.h"

#include "index.h"
#include "ternion/bf16.h"

namespace ternion {
namespace {

constexpr int kTile = 64;    ///< rows and columns of c of a block
constexpr int kDepth = 16;   ///< elements of k that are loaded at once
constexpr int kSide = 8;     ///< threads along a side of the tile, and elements of a thread along it
constexpr int kPitch = kTile + 1;
constexpr int kTileThreads = kSide * kSide;

__device__ __forceinline__ float value_of(float x) { return x; }
__device__ __forceinline__ float value_of(uint16_t x) { return from_bf16(x); }

/// to[kDepth, kPitch] = 64 rows from `row` and 16 of k from `l0` of op(x)[rows, k], transposed, 0 beyond the matrix. x is
/// stored [rows, k], or [k, rows] when `by_k`; neighbouring threads load neighbouring elements.
template <class T>
__device__ __forceinline__ void load_tile(Shared<float> to, Global<const T> x, int64_t row, int64_t l0, int64_t rows, int64_t k,
                                          bool by_k) {
  const int thread = static_cast<int>(threadIdx.x);
  for (int e = thread; e < kTile * kDepth; e += kTileThreads) {
    const int i = by_k ? e % kTile : e / kDepth, l = by_k ? e / kTile : e % kDepth;
    const bool inside = row + i < rows && l0 + l < k;
    to[l * kPitch + i] = inside ? value_of(x[by_k ? (l0 + l) * rows + row + i : (row + i) * k + l0 + l]) : 0.0f;
  }
}

/// One block for each 64 x 64 tile of c. Thread (y, x) has the rows y, y + 8, … and the columns x, x + 8, … of the tile.
template <class T>
__global__ void __launch_bounds__(kTileThreads)
    product(Global<float> c, Global<const T> a, Global<const T> b, Global<const float> bias, Global<const float> factor, int64_t m,
            int64_t n, int64_t k, bool trans_a, bool trans_b, bool accumulate) {
  TERNION_SHARED(float, a_tile, kDepth * kPitch);
  TERNION_SHARED(float, b_tile, kDepth * kPitch);
  const unsigned across = static_cast<unsigned>((n + kTile - 1) / kTile);
  const int64_t row = int64_t{blockIdx.x / across} * kTile, column = int64_t{blockIdx.x % across} * kTile;
  const int y = static_cast<int>(threadIdx.x) / kSide, x = static_cast<int>(threadIdx.x) % kSide;
  const float f = factor ? factor[0] : 1.0f;
  float sum[kSide][kSide] = {};
  for (int64_t l0 = 0; l0 < k; l0 += kDepth) {
    load_tile(a_tile, a, row, l0, m, k, trans_a);
    load_tile(b_tile, b, column, l0, n, k, !trans_b);
    __syncthreads();
    for (int l = 0; l < kDepth; ++l) {
      float left[kSide], right[kSide];
      for (int i = 0; i < kSide; ++i) left[i] = a_tile[l * kPitch + y + i * kSide];
      for (int j = 0; j < kSide; ++j) right[j] = b_tile[l * kPitch + x + j * kSide];
      for (int i = 0; i < kSide; ++i)
        for (int j = 0; j < kSide; ++j) sum[i][j] = fma_rn(left[i], right[j], sum[i][j]);
    }
    __syncthreads();
  }
  for (int i = 0; i < kSide; ++i)
    for (int j = 0; j < kSide; ++j) {
      const int64_t r = row + y + i * kSide, q = column + x + j * kSide;
      if (r < m && q < n) c[r * n + q] = accumulate ? c[r * n + q] + f * sum[i][j] : f * sum[i][j];
    }
  if (!bias) return;
  for (int64_t r = row + y; r < m && r < row + kTile; r += kSide)
    for (int64_t q = column + x; q < n && q < column + kTile; q += kSide) c[r * n + q] += bias[q];
}

__global__ void round_kernel(Global<uint16_t> y, Global<const float> x, int64_t n) {
  const int64_t i = thread_index();
  if (i < n) y[i] = to_bf16(x[i]);
}

template <class T>
void either(CudaBackend& backend, Global<float> c, Global<const T> a, Global<const T> b, Global<const float> bias,
            Global<const float> factor, const DenseProduct& p) {
  DenseLibrary* library = backend.dense_library();
  const LaunchShape shape = backend.shape("gemm", ((p.m + kTile - 1) / kTile) * ((p.n + kTile - 1) / kTile), kTileThreads);
  if (library && p.m > 0 && p.n > 0 && p.k > 0)
    library->gemm({c.pointer(), a.pointer(), b.pointer(), bias.pointer(), factor.pointer()}, p, shape.stream);
  else
    launch(shape, product<T>, c, a, b, bias, factor, p.m, p.n, p.k, p.trans_a, p.trans_b, p.accumulate);
}

}  // namespace

void dense_product(CudaBackend& backend, Global<float> c, Global<const float> a, Global<const float> b, Global<const float> bias,
                   const DenseProduct& p) {
  either(backend, c, a, b, bias, Global<const float>(), p);
}

void dense_product(CudaBackend& backend, Global<float> c, Global<const uint16_t> a, Global<const uint16_t> b,
                   Global<const float> bias, Global<const float> factor, const DenseProduct& p) {
  either(backend, c, a, b, bias, factor, p);
}

void round_to_bf16(CudaBackend& backend, Global<uint16_t> y, Global<const float> x, int64_t n) {
  launch(backend.each("round_to_bf16", n), round_kernel, y, x, n);
}

}  // namespace ternion
