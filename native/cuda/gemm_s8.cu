// The quantized product: exact integers by the tensor cores, scales and bias as the CPU applies them.
//
// Both operands are rows of s8 codes, consecutive in k, padded with zeros to a multiple of 16. The panel is the weights in
// this form; activations are read where they are when k is such a multiple, else from a padded copy.
#include "cuda_backend.h"
#include "index.h"
#include "mma_s8.h"
#include "nan.h"
#include "tops.h"

namespace ternion {
namespace {

constexpr int kCodes = 16;     // of a Codes
constexpr int kTile = 64;      // rows and columns of y that a block of 4 warps computes, 32 x 32 each warp
constexpr int kStep = 4;       // Codes of a row that are in shared memory at a time: 64 of k
constexpr int kThreads = 128;
constexpr int kLoads = kTile * kStep / kThreads;  // Codes of each operand that a thread loads for a step
constexpr int kGroupTile = 16;  // tile of the product with scales per group of k: one thread for each element of y

/// 16 codes of a row, four to a word.
struct alignas(16) Codes {
  uint32_t word[kCodes / 4];
};

int64_t padded(int64_t k) { return (k + kCodes - 1) / kCodes * kCodes; }

/// to[rows, padded] = from[rows, k] and zeros.
__global__ void pad(Global<int8_t> to, Global<const int8_t> from, int64_t rows, int64_t k, int64_t padded_k) {
  const int64_t i = thread_index();
  if (i >= rows * padded_k) return;
  const int64_t r = i / padded_k, c = i % padded_k;
  to[i] = c < k ? from[r * k + c] : int8_t{0};
}

/// What this thread loads for a step: Codes first .. first + 3 of 64 rows from `row0` on; zeros outside the matrix.
struct Loaded {
  Codes codes[kLoads];
};
__device__ __forceinline__ Loaded load(Global<const Codes> matrix, int64_t row0, int64_t rows, int64_t first,
                                       int64_t row_codes) {
  Loaded loaded;
  for (int j = 0; j < kLoads; ++j) {
    const int slot = static_cast<int>(threadIdx.x) + j * kThreads;
    const int64_t row = row0 + slot / kStep, at = first + slot % kStep;
    loaded.codes[j] = row < rows && at < row_codes ? matrix[row * row_codes + at] : Codes{};
  }
  return loaded;
}

__device__ __forceinline__ void store(Shared<Codes> tile, const Loaded& loaded) {
  for (int j = 0; j < kLoads; ++j) tile[static_cast<int>(threadIdx.x) + j * kThreads] = loaded.codes[j];
}

/// y[m,n] for one scale per tensor or row on either side (the stride of the scale is 0 or 1). One block for each tile.
__global__ void __launch_bounds__(kThreads)
    product(Global<float> y, Global<const Codes> x, Global<const float> x_step, int x_stride, Global<const Codes> w,
            Global<const float> w_scale, int w_stride, Global<const float> bias, int64_t m, int64_t n, int64_t row_codes,
            Global<uint32_t> top) {
  // [2][64 rows][4]: a quarter of a warp reads two rows, 128 bytes in one piece, so no two lanes meet in a bank.
  constexpr int kHalf = kTile * kStep;
  TERNION_SHARED(Codes, x_tile, 2 * kHalf);
  TERNION_SHARED(Codes, w_tile, 2 * kHalf);
  const int64_t tiles = (n + kTile - 1) / kTile, row0 = blockIdx.x / tiles * kTile, column0 = blockIdx.x % tiles * kTile;
  const int warp = static_cast<int>(threadIdx.x) / 32, group = lane_index() / 4, t = lane_index() % 4;
  const int row = warp / 2 * 32 + group, column = warp % 2 * 32 + group;  // first of this lane's rows of the tiles
  int32_t sums[2][4][4] = {};

  if (row_codes > 0) {
    store(x_tile, load(x, row0, m, 0, row_codes));
    store(w_tile, load(w, column0, n, 0, row_codes));
  }
  __syncthreads();
  int half = 0;
  for (int64_t first = 0; first < row_codes; first += kStep, half = kHalf - half) {
    const bool more = first + kStep < row_codes;
    Loaded next_x, next_w;
    if (more) {
      next_x = load(x, row0, m, first + kStep, row_codes);
      next_w = load(w, column0, n, first + kStep, row_codes);
    }
    // The order of k within a step is free, as long as both operands have the same: lane t takes words 0 .. 3 of Codes t,
    // words 0 and 1 for one product and 2 and 3 for the other.
    Codes xs[4], ws[4];
    for (int i = 0; i < 4; ++i) xs[i] = x_tile[half + (row + 8 * i) * kStep + t];
    for (int j = 0; j < 4; ++j) ws[j] = w_tile[half + (column + 8 * j) * kStep + t];
    for (int word = 0; word < 4; word += 2)
      for (int i = 0; i < 2; ++i) {
        const Codes &upper = xs[2 * i], &lower = xs[2 * i + 1];
        const uint32_t a[4] = {upper.word[word], lower.word[word], upper.word[word + 1], lower.word[word + 1]};
        for (int j = 0; j < 4; ++j) {
          const uint32_t b[2] = {ws[j].word[word], ws[j].word[word + 1]};
          mma_s8(sums[i][j], a, b);
        }
      }
    if (more) {
      store(x_tile + (kHalf - half), next_x);
      store(w_tile + (kHalf - half), next_w);
    }
    __syncthreads();
  }

  float steps[4];
  for (int i = 0; i < 4; ++i) {
    const int64_t r = row0 + row + 8 * i;
    steps[i] = r < m ? x_step[r * x_stride] : 0.0f;
  }
  uint32_t mine = 0;
  for (int j = 0; j < 8; ++j) {
    const int64_t c = column0 + warp % 2 * 32 + 8 * (j / 2) + 2 * t + j % 2;
    if (c >= n) continue;
    const float scale = w_scale[c * w_stride], shift = bias ? bias[c] : 0.0f;
    for (int i = 0; i < 4; ++i) {
      const int64_t r = row0 + row + 8 * i;
      if (r >= m) continue;
      const float value = static_cast<float>(sums[i / 2][j / 2][i % 2 * 2 + j % 2]) * (steps[i] * scale);
      const float result = plain_nan(bias ? value + shift : value);
      y[r * n + c] = result;
      mine = larger(mine, magnitude_bits(result));
    }
  }
  raise_top(top, 0, mine);
}

/// y[m,n] for one weight scale per `group_words` words of k: one exact product for each group, added in order.
__global__ void __launch_bounds__(kGroupTile * kGroupTile)
    product_of_groups(Global<float> y, Global<const uint32_t> x, Global<const float> x_step, int x_stride,
                      Global<const uint32_t> w, Global<const float> w_scale, int64_t groups, int64_t group_words,
                      Global<const float> bias, int64_t m, int64_t n, int64_t row_words, Global<uint32_t> top) {
  TERNION_SHARED(uint32_t, x_tile, kGroupTile * kGroupTile);
  TERNION_SHARED(uint32_t, w_tile, kGroupTile * (kGroupTile + 1));  // a word more a row: lanes read down a column
  const int64_t tiles = (n + kGroupTile - 1) / kGroupTile;
  const int64_t row0 = blockIdx.x / tiles * kGroupTile, column0 = blockIdx.x % tiles * kGroupTile;
  const int across = static_cast<int>(threadIdx.x) % kGroupTile, down = static_cast<int>(threadIdx.x) / kGroupTile;
  const int64_t r = row0 + down, c = column0 + across;
  const bool mine = r < m && c < n;
  float total = 0;
  for (int64_t g = 0; g < groups; ++g) {
    const int64_t end = (g + 1) * group_words;
    int32_t sum = 0;
    for (int64_t first = g * group_words; first < end; first += kGroupTile) {
      const int64_t at = first + across;
      x_tile[down * kGroupTile + across] = at < end && row0 + down < m ? x[(row0 + down) * row_words + at] : 0u;
      w_tile[down * (kGroupTile + 1) + across] = at < end && column0 + down < n ? w[(column0 + down) * row_words + at] : 0u;
      __syncthreads();
      for (int j = 0; j < kGroupTile; ++j) {
        const uint32_t four = x_tile[down * kGroupTile + j], weights = w_tile[across * (kGroupTile + 1) + j];
        sum = __dp4a(static_cast<int>(four), static_cast<int>(weights), sum);
      }
      __syncthreads();
    }
    if (mine) total += static_cast<float>(sum) * (x_step[r * x_stride] * w_scale[c * groups + g]);
  }
  const float result = mine ? plain_nan(bias ? total + bias[c] : total) : 0.0f;
  if (mine) y[r * n + c] = result;
  raise_top(top, 0, magnitude_bits(result));
}

void check_groups(int64_t x_group, int64_t w_group, int64_t m, int64_t n, int64_t k) {
  if (x_group != m * k && x_group != k)
    throw std::invalid_argument("[gemm_s8] x_group " + std::to_string(x_group) + ": wanted m k = " + std::to_string(m * k) +
                                " (per tensor) or k = " + std::to_string(k) + " (per row)");
  if (w_group < 1 || (w_group != n * k && k % w_group != 0))
    throw std::invalid_argument("[gemm_s8] w_group " + std::to_string(w_group) + ": wanted n k, k or a divisor of k = " +
                                std::to_string(k));
}

/// The bytes of rows of codes as elements of T.
template <class T>
Global<const T> words_of(const void* codes, int64_t bytes) {
  return Global<const T>(static_cast<const T*>(codes), bytes / static_cast<int64_t>(sizeof(T)));
}

int64_t tiles_of(int64_t m, int64_t n, int64_t tile) { return ((m + tile - 1) / tile) * ((n + tile - 1) / tile); }

}  // namespace

int64_t CudaBackend::panel_bytes(int64_t n, int64_t k) { return n * padded(k); }

void CudaBackend::pack_panel(Buffer& panel, const Buffer& codes, int64_t n, int64_t k) {
  const int64_t bytes = panel_bytes(n, k);
  const Global<uint8_t> pp = bytes_of(panel, bytes, "pack_panel panel");
  const Global<const int8_t> cp = codes_of(codes, n * k, "pack_panel codes");
  if (bytes == 0) return;
  if (padded(k) == k) {
    runtime_->copy(pp.pointer(), cp.pointer(), static_cast<size_t>(bytes));
    return;
  }
  const Global<int8_t> to(reinterpret_cast<int8_t*>(pp.pointer()), bytes);
  launch(each("pack_panel", bytes), pad, to, cp, n, k, padded(k));
}

void CudaBackend::gemm_s8(Buffer& y, const Buffer& x, const Buffer& x_step, int64_t x_group, const Buffer& panel,
                          const Buffer& w_scale, int64_t w_group, const Buffer* bias, int64_t m, int64_t n, int64_t k,
                          Buffer* tops, int64_t slot) {
  check_groups(x_group, w_group, m, n, k);
  const Global<float> yp = reals(y, m * n, "gemm_s8 y");
  const Global<const int8_t> xp = codes_of(x, m * k, "gemm_s8 x");
  const Global<const uint8_t> pp = bytes_of(panel, panel_bytes(n, k), "gemm_s8 panel");
  const bool x_per_row = x_group == k && m > 1, w_per_tensor = w_group == n * k;
  const Global<const float> xs = reals(x_step, x_per_row ? m : 1, "gemm_s8 x_step");
  const Global<const float> ws = reals(w_scale, w_per_tensor ? 1 : n * k / w_group, "gemm_s8 w_scale");
  const Global<const float> bp = bias ? reals(*bias, n, "gemm_s8 bias") : Global<const float>();
  const Global<uint32_t> top = top_of(tops, slot, "gemm_s8 tops");
  const bool groups_of_k = !w_per_tensor && w_group != k;
  if (groups_of_k && w_group % 4 != 0)
    throw std::invalid_argument("[gemm_s8] w_group " + std::to_string(w_group) + " must be a multiple of 4");

  const int64_t row = padded(k), x_bytes = m * row, w_bytes = n * row;
  const void* x_codes = xp.pointer();
  Scratch copy(*this, S8, row == k ? 0 : x_bytes);
  if (row != k) {
    const Global<int8_t> to = codes_of(*copy, x_bytes, "gemm_s8 padded x");
    launch(each("gemm_s8", x_bytes), pad, to, xp, m, k, row);
    x_codes = to.pointer();
  }
  const int x_stride = x_per_row ? 1 : 0;
  if (groups_of_k)
    launch(shape("gemm_s8", tiles_of(m, n, kGroupTile), kGroupTile * kGroupTile), product_of_groups, yp,
           words_of<uint32_t>(x_codes, x_bytes), xs, x_stride, words_of<uint32_t>(pp.pointer(), w_bytes), ws, k / w_group,
           w_group / 4, bp, m, n, row / 4, top);
  else
    launch(shape("gemm_s8", tiles_of(m, n, kTile), kThreads), product, yp, words_of<Codes>(x_codes, x_bytes), xs, x_stride,
           words_of<Codes>(pp.pointer(), w_bytes), ws, w_per_tensor ? 0 : 1, bp, m, n, row / kCodes, top);
}

}  // namespace ternion
