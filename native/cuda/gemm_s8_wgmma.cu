// The product of s8 codes by wgmma. A block has 64 rows of y for each of its warpgroups and 128 columns; 64 of k are in shared
// memory while the next 64 are on their way through registers.
#include "gemm_s8_wgmma.h"

#include "index.h"
#include "wgmma_s8.h"

namespace ternion {
namespace {

constexpr int kGroup = 128;    // threads of a warpgroup
constexpr int kGroupRows = 64;
constexpr int kColumns = 128;
constexpr int kStep = 4;       // Codes of a row in shared memory: two products
constexpr int kGap = 2;        // Codes between columns of core matrices: the 8 lanes that store at once, two rows, meet 32 banks
constexpr int64_t kMultiprocessors = 132;  // of an H100: fewer blocks than that and half as many rows to each are better

/// Where Codes `at` of row r of a tile of `rows` rows lies: core matrices of 8 rows one after the other, then the next 16 of k.
__device__ __forceinline__ int place(int rows, int r, int at) { return at * (rows + kGap) + r; }
__host__ __device__ constexpr int tile_codes(int rows) { return kStep * (rows + kGap); }

/// kLoads Codes of a tile for each of `threads` threads: Codes first .. first + 3 of the rows from `row0` on; zeros outside.
template <int kLoads>
struct Loaded {
  Codes codes[kLoads];

  __device__ __forceinline__ void load(Global<const Codes> matrix, int64_t row0, int64_t rows, int64_t first, int64_t row_codes,
                                       int threads) {
    for (int j = 0; j < kLoads; ++j) {
      const int slot = static_cast<int>(threadIdx.x) + j * threads;
      const int64_t row = row0 + slot / kStep, at = first + slot % kStep;
      codes[j] = row < rows && at < row_codes ? matrix[row * row_codes + at] : Codes{};
    }
  }

  __device__ __forceinline__ void store(Shared<Codes> tile, int tile_rows, int threads) const {
    for (int j = 0; j < kLoads; ++j) {
      const int slot = static_cast<int>(threadIdx.x) + j * threads;
      tile[place(tile_rows, slot / kStep, slot % kStep)] = codes[j];
    }
  }
};

/// y[m,n]; one block of kGroups warpgroups for each tile.
template <int kGroups>
__global__ void __launch_bounds__(kGroups * kGroup)
    product(Global<float> y, Global<const Codes> x, Global<const Codes> w, Epilogue epilogue, int64_t m, int64_t n,
            int64_t row_codes) {
  if constexpr (kSm90a) {
    constexpr int kThreads = kGroups * kGroup, kRows = kGroups * kGroupRows;
    constexpr int kW = tile_codes(kRows), kHalf = kW + tile_codes(kColumns);
    TERNION_SHARED(Codes, memory, 2 * kHalf);  // twice: x, then w
    const int64_t tiles = (n + kColumns - 1) / kColumns;
    const int64_t row0 = blockIdx.x / tiles * kRows, column0 = blockIdx.x % tiles * kColumns;
    const int of_group = static_cast<int>(threadIdx.x) / kGroup * kGroupRows;  // first row of this warpgroup
    int32_t sums[64] = {};
    Loaded<kRows * kStep / kThreads> xs;
    Loaded<kColumns * kStep / kThreads> ws;
    const auto load = [&](int64_t first) {
      xs.load(x, row0, m, first, row_codes, kThreads);
      ws.load(w, column0, n, first, row_codes, kThreads);
    };
    const auto store = [&](int half) {
      xs.store(memory + half, kRows, kThreads);
      ws.store(memory + (half + kW), kColumns, kThreads);
      show_to_products();
    };

    load(0);
    store(0);
    __syncthreads();
    int half = 0;
    for (int64_t first = 0; first < row_codes; first += kStep, half = kHalf - half) {
      const bool more = first + kStep < row_codes;
      if (more) load(first + kStep);
      begin_products(sums);
      for (int at = 0; at < kStep; at += 2)
        wgmma_s8(sums, memory, operand(memory, half + place(kRows, of_group, at), kRows + kGap, 8),
                 operand(memory, half + kW + place(kColumns, 0, at), kColumns + kGap, 8));
      commit_products();
      if (more) store(kHalf - half);
      finish_products(sums);
      __syncthreads();
    }

    const int group = lane_index() / 4, t = lane_index() % 4, warp = static_cast<int>(threadIdx.x) % kGroup / 32;
    const int64_t r = row0 + of_group + 16 * warp + group;
    const float upper = r < m ? epilogue.step(r) : 0.0f, lower = r + 8 < m ? epilogue.step(r + 8) : 0.0f;
    uint32_t top = 0;
    for (int j = 0; j < 32; ++j) {
      const int64_t c = column0 + 8 * (j / 2) + 2 * t + j % 2;
      if (c >= n) continue;
      const float scale = epilogue.scale(c), shift = epilogue.shift(c);
      const int at = j / 2 * 4 + j % 2;
      for (int i = 0; i < 2; ++i) {
        if (r + 8 * i >= m) continue;
        const float value = epilogue.value(sums[at + 2 * i], i == 0 ? upper : lower, scale, shift);
        y[(r + 8 * i) * n + c] = value;
        top = larger(top, magnitude_bits(value));
      }
    }
    if (epilogue.gelu) top = epilogue.activate<kRows, kColumns, kThreads>(y, row0, column0, m, n);
    raise_top(epilogue.top, 0, top);
  }
}

int64_t tiles_of(int64_t m, int64_t n, int64_t rows) { return (m + rows - 1) / rows * ((n + kColumns - 1) / kColumns); }

}  // namespace

void wgmma_of_codes(CudaBackend& backend, const char* name, Global<float> y, Global<const Codes> x, Global<const Codes> w,
                    const Epilogue& epilogue, int64_t m, int64_t n, int64_t row_codes) {
  if (tiles_of(m, n, 2 * kGroupRows) >= kMultiprocessors)
    launch(backend.shape(name, tiles_of(m, n, 2 * kGroupRows), 2 * kGroup), product<2>, y, x, w, epilogue, m, n, row_codes);
  else
    launch(backend.shape(name, tiles_of(m, n, kGroupRows), kGroup), product<1>, y, x, w, epilogue, m, n, row_codes);
}

}  // namespace ternion
