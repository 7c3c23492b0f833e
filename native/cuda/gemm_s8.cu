// The quantized product: exact integers by the tensor cores, scales and bias as the CPU applies them.
//
// Both operands are rows of s8 codes, consecutive in k, padded with zeros to a multiple of 16. The panel is the weights in
// this form, and after them their bit planes: gemm_packed.cu, which makes it, multiplies few rows of x with those.
// Activations are read where they are when k is such a multiple, else from a padded copy.
#include "gemm_s8.h"

#include "gemm_packed.h"
#include "gemm_s8_wgmma.h"
#include "index.h"
#include "mma_s8.h"
#include "nan.h"
#include "ternion/group_checks.h"
#include "tile_product.h"
#include "tops.h"

namespace ternion {
namespace {

constexpr int kWgmma = 90;      // compute capability times 10 of the only devices that have it
constexpr int kGroupTile = 16;  // tile of the product with scales per group of k: one thread for each element of y

/// to[rows, padded] = from[rows, k] and zeros.
__global__ void pad(Global<int8_t> to, Global<const int8_t> from, int64_t rows, int64_t k, int64_t padded_k) {
  const int64_t i = thread_index();
  if (i >= rows * padded_k) return;
  const int64_t r = i / padded_k, c = i % padded_k;
  to[i] = c < k ? from[r * k + c] : int8_t{0};
}

/// A tensor-core product of codes is the integer itself.
struct CodeProduct {
  static __device__ __forceinline__ void multiply(int32_t (&c)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
    mma_s8(c, a, b);
  }
  __device__ __forceinline__ int32_t operator()(int32_t sum, int64_t, int64_t) const { return sum; }
};

/// y[m,n] for one weight scale per `group_words` words of k: one exact product for each group, added in order. The scales of a
/// row of w are epilogue.scale(column groups) and the ones after it.
__global__ void __launch_bounds__(kGroupTile * kGroupTile)
    product_of_groups(Global<float> y, Global<const uint32_t> x, Global<const uint32_t> w, Epilogue epilogue, int64_t groups,
                      int64_t group_words, int64_t m, int64_t n, int64_t row_words) {
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
    if (mine) total += static_cast<float>(sum) * (epilogue.step(r) * epilogue.scale(c * groups + g));
  }
  uint32_t top = 0;
  if (mine) top = epilogue.write(y, r * n + c, plain_nan(epilogue.bias ? total + epilogue.bias[c] : total));
  raise_top(epilogue.top, 0, top);
}

int64_t group_tiles(int64_t m, int64_t n) { return ((m + kGroupTile - 1) / kGroupTile) * ((n + kGroupTile - 1) / kGroupTile); }

}  // namespace

void product_of_codes(CudaBackend& backend, const char* name, Global<float> y, Global<const Codes> x, Global<const Codes> w,
                      const Epilogue& epilogue, int64_t m, int64_t n, int64_t row_codes) {
  if (backend.compute_capability() == kWgmma) return wgmma_of_codes(backend, name, y, x, w, epilogue, m, n, row_codes);
  launch(backend.shape(name, product_tiles(m, n), kProductThreads), tile_product<CodeProduct>, y, x, w, CodeProduct{}, epilogue, m, n,
         row_codes);
}

void CudaBackend::gemm_s8(Buffer& y, Buffer* gelu, const Buffer& x, const Buffer& x_step, int64_t x_group, const Buffer& panel,
                          const Buffer& w_scale, int64_t w_group, const Buffer* bias, int64_t m, int64_t n, int64_t k, bool binary,
                          Buffer* tops, int64_t slot) {
  check_groups_s8(x_group, w_group, m, n, k);
  const Global<float> yp = reals(y, m * n, "gemm_s8 y");
  const Global<const int8_t> xp = codes_of(x, m * k, "gemm_s8 x");
  const Global<const uint8_t> pp = bytes_of(panel, panel_size(n, k, binary), "gemm_s8 panel");
  const bool x_per_row = x_group == k && m > 1, w_per_tensor = w_group == n * k;
  const Epilogue epilogue{reals(x_step, x_per_row ? m : 1, "gemm_s8 x_step"), x_per_row ? 1 : 0,
                          reals(w_scale, w_per_tensor ? 1 : n * k / w_group, "gemm_s8 w_scale"), w_per_tensor ? 0 : 1,
                          bias ? reals(*bias, n, "gemm_s8 bias") : Global<const float>(),
                          gelu ? reals(*gelu, m * n, "gemm_s8 gelu") : Global<float>(), top_of(tops, slot, "gemm_s8 tops")};
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
  if (groups_of_k) {
    launch(shape("gemm_s8", group_tiles(m, n), kGroupTile * kGroupTile), product_of_groups, yp,
           words_of<uint32_t>(x_codes, x_bytes), words_of<uint32_t>(pp.pointer(), w_bytes), epilogue, k / w_group, w_group / 4, m,
           n, row / 4);
    return;
  }
  const auto x_rows = words_of<Codes>(x_codes, x_bytes);
  if (m <= kPackedRows)
    gemm_packed(*this, yp, x_rows, pp, epilogue, m, n, k, binary);
  else
    product_of_codes(*this, "gemm_s8", yp, x_rows, words_of<Codes>(pp.pointer(), w_bytes), epilogue, m, n, row / kCodes);
}

}  // namespace ternion
