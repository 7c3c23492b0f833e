// The integer product for few rows, from bit planes of the weights expanded in registers. Exact, so the order of the sums is
// free: the warps of a block share out columns and k, and their parts meet in shared memory.
#include "gemm_packed.h"

#include "mma_s8.h"
#include "tensor_table.h"

namespace ternion {
namespace {

constexpr int kWarps = 8;
constexpr int kThreads = 32 * kWarps;
constexpr int kRowTile = 8;  // rows of x in a product of the tensor cores; the 16 other rows are of w

constexpr int kPackings = 128;  // of a launch
constexpr int kPackThreads = 256;

/// Every thread an element of the planes of one weight.
template <class Table>
__global__ void pack(const __grid_constant__ Table table) {
  const int index = table.tensor_of(static_cast<int32_t>(blockIdx.x));
  const Packing& t = table.tensors[index];
  const int64_t i = (int64_t{blockIdx.x} - table.first[index]) * blockDim.x + threadIdx.x;
  if (i >= t.count) return;
  if (t.binary) pack_element(t.bits, t.w, i);
  else pack_element(t.ternary, t.w, i);
}

/// sums += the step's products of 16 rows of w with kTiles x 8 rows of x.
template <int kTiles, bool kBinary>
__device__ __forceinline__ void add_step(int32_t (&sums)[kTiles][4], const Planes<kBinary>& planes, Global<const Codes> x,
                                         int64_t step, int64_t m, int64_t row_codes) {
  const int group = lane_index() / 4, t = lane_index() % 4;
  const int64_t at = (step * kPlaneStep + t * kLaneCodes) / kCodes;
  for (int part = 0; part < kLaneCodes / kCodes; ++part) {
    Codes xs[kTiles];
    for (int i = 0; i < kTiles; ++i) {
      const int64_t row = kRowTile * i + group;
      xs[i] = row < m && at + part < row_codes ? x[row * row_codes + at + part] : Codes{};
    }
    for (int word = 0; word < kCodes / 4; word += 2) {
      const int bits = part * kCodes / 4 + word;
      const uint32_t a[4] = {expanded(planes, 0, bits), expanded(planes, 1, bits), expanded(planes, 0, bits + 1),
                             expanded(planes, 1, bits + 1)};
      for (int i = 0; i < kTiles; ++i) {
        const uint32_t b[2] = {xs[i].word[word], xs[i].word[word + 1]};
        mma_s8(sums[i], a, b);
      }
    }
  }
}

/// y[m,n] for m <= 8 kTiles. A block has kAcross tiles of w; the warps of a tile take every kSlices-th step of k.
/// One block to a multiprocessor is enough for the compiler, so that it spills nothing for the sake of more.
template <int kTiles, int kAcross, bool kBinary>
__global__ void __launch_bounds__(kThreads, 1)
    product_of_planes(Global<float> y, Global<const Codes> x, Global<const Planes<kBinary>> planes, Epilogue epilogue, int64_t m,
                      int64_t n, int64_t row_codes, int64_t tiles, int64_t steps) {
  constexpr int kSlices = kWarps / kAcross, kRows = kRowTile * kTiles, kColumns = kPlaneRows * kAcross;
  TERNION_SHARED(int32_t, parts, kSlices * kRows * kColumns);
  const int warp = static_cast<int>(threadIdx.x) / 32, across = warp % kAcross, slice = warp / kAcross;
  const int64_t tile = int64_t{blockIdx.x} * kAcross + across;
  int32_t sums[kTiles][4] = {};
  if (tile < tiles && slice < steps) {
    const int64_t begin = tile * steps * 32 + lane_index();
    Planes<kBinary> next = planes[begin + slice * 32];
    for (int64_t step = slice; step < steps; step += kSlices) {
      const Planes<kBinary> now = next;
      if (step + kSlices < steps) next = planes[begin + (step + kSlices) * 32];
      add_step(sums, now, x, step, m, row_codes);
    }
  }
  const int group = lane_index() / 4, t = lane_index() % 4;
  for (int i = 0; i < kTiles; ++i)
    for (int j = 0; j < 4; ++j) {
      const int row = kRowTile * i + 2 * t + j % 2, column = across * kPlaneRows + group + 8 * (j / 2);
      parts[(slice * kRows + row) * kColumns + column] = sums[i][j];
    }
  __syncthreads();
  uint32_t top = 0;
  for (int e = static_cast<int>(threadIdx.x); e < kRows * kColumns; e += kThreads) {
    const int64_t row = e / kColumns, column = int64_t{blockIdx.x} * kColumns + e % kColumns;
    if (row >= m || column >= n) continue;
    int32_t sum = 0;
    for (int s = 0; s < kSlices; ++s) sum += parts[s * kRows * kColumns + e];
    const float value = epilogue.value(sum, epilogue.step(row), epilogue.scale(column), epilogue.shift(column));
    top = larger(top, epilogue.write(y, row * n + column, value));
  }
  raise_top(epilogue.top, 0, top);
}

/// More rows: more columns to a block, so that their warps read the same codes of x at the same time.
template <bool kBinary>
void start(CudaBackend& backend, Global<float> y, Global<const Codes> x, Global<const uint8_t> panel, const Epilogue& epilogue,
           int64_t m, int64_t n, int64_t k) {
  const auto planes = words_of<Planes<kBinary>>(panel.pointer() + code_bytes(n, k), plane_bytes(n, k, kBinary));
  const int64_t tiles = plane_tiles(n), steps = plane_steps(k), row_codes = padded(k) / kCodes;
  const auto run = [&](auto kernel, int64_t across) {
    launch(backend.shape("gemm_s8", (tiles + across - 1) / across, kThreads), kernel, y, x, planes, epilogue, m, n, row_codes, tiles,
           steps);
  };
  if (m <= 8) run(product_of_planes<1, 1, kBinary>, 1);
  else if (m <= 16) run(product_of_planes<2, 2, kBinary>, 2);
  else if (m <= 32) run(product_of_planes<4, 4, kBinary>, 4);
  else run(product_of_planes<8, 4, kBinary>, 4);
}

template <bool kBinary>
Panel<kBinary> panel_of(Global<uint8_t> bytes, int64_t n, int64_t k) {
  const int64_t row_codes = padded(k) / kCodes;
  Codes* const first = reinterpret_cast<Codes*>(bytes.pointer());
  const Global<Planes<kBinary>> planes(reinterpret_cast<Planes<kBinary>*>(first + n * row_codes), plane_count(n, k));
  return {{first, n * row_codes}, planes, row_codes, plane_steps(k)};
}

template <class Table>
void start_pack(CudaBackend& backend, const char* name, const std::vector<Packing>& weights) {
  for_tables<Table>(
      weights, [](Table& table, const Packing& t) { return table.add(t, (t.count + kPackThreads - 1) / kPackThreads); },
      [&](const Table& table) { launch(backend.shape(name, table.blocks(), kPackThreads), pack<Table>, table); });
}

}  // namespace

Packing packing(Global<uint8_t> panel, Global<const int8_t> codes, int64_t n, int64_t k, bool binary) {
  Packing t = {};
  t.w = {codes, padded(k) == k ? words_of<Codes>(codes.pointer(), n * k) : Global<const Codes>(), n, k};
  if (binary) t.bits = panel_of<true>(panel, n, k);
  else t.ternary = panel_of<false>(panel, n, k);
  t.count = plane_count(n, k);
  t.binary = binary;
  return t;
}

void pack_panels(CudaBackend& backend, const char* name, const std::vector<Packing>& weights) {
  if (weights.size() == 1) start_pack<TensorTable<Packing, 1>>(backend, name, weights);
  else start_pack<TensorTable<Packing, kPackings>>(backend, name, weights);
}

int64_t CudaBackend::panel_bytes(int64_t n, int64_t k, bool binary) { return panel_size(n, k, binary); }

void CudaBackend::pack_panel(Buffer& panel, const Buffer& codes, int64_t n, int64_t k, bool binary) {
  const Global<uint8_t> pp = bytes_of(panel, panel_size(n, k, binary), "pack_panel panel");
  pack_panels(*this, "pack_panel", {packing(pp, codes_of(codes, n * k, "pack_panel codes"), n, k, binary)});
}

void gemm_packed(CudaBackend& backend, Global<float> y, Global<const Codes> x, Global<const uint8_t> panel, const Epilogue& epilogue,
                 int64_t m, int64_t n, int64_t k, bool binary) {
  if (binary) start<true>(backend, y, x, panel, epilogue, m, n, k);
  else start<false>(backend, y, x, panel, epilogue, m, n, k);
}

}  // namespace ternion
