// Gathering, scattering and averaging of rows: embeddings and pooling.
#include "columns.h"
#include "cuda_backend.h"
#include "index.h"
#include "reduce.h"
#include "sort_ids.h"

namespace ternion {
namespace {

/// Rows of a table of `cols` columns.
int64_t table_rows(const Buffer& table, int64_t cols, const char* what) {
  if (cols < 1) throw std::invalid_argument(std::string("[") + what + "] cols = " + std::to_string(cols) + ", wanted 1 or more");
  return table.count() / cols;
}

/// By the warp of position i, whose id is outside the table: records it unless an earlier position has such an id.
__device__ __forceinline__ void record_bad_id(Global<FaultRecord> fault, FaultKind kind, Global<const int32_t> ids, int64_t i,
                                              int64_t table_rows) {
  const int earlier = warp_max<int>(0, i, 0, [&](int64_t j) { return outside(ids[j], table_rows) ? 1 : 0; });
  if (earlier == 0 && lane_index() == 0) record_fault(fault, kind, ids[i], i, table_rows);
}

/// One warp for each row of y[n,cols]. The row of a bad id is 0, or unchanged when accumulating.
__global__ void gather(Global<float> y, Global<const float> table, Global<const int32_t> ids, int64_t n, int64_t cols,
                       int64_t table_rows, bool accumulate, Global<FaultRecord> fault) {
  const int64_t i = warp_index();
  if (i >= n) return;
  const int32_t id = ids[i];
  const bool bad = outside(id, table_rows);
  if (bad) record_bad_id(fault, FaultKind::kGatherId, ids, i, table_rows);
  for (int64_t c = lane_index(); c < cols; c += 32) {
    const float old = accumulate ? y[i * cols + c] : 0.0f;
    if (bad) y[i * cols + c] = old;
    else y[i * cols + c] = accumulate ? old + table[id * cols + c] : table[id * cols + c];
  }
}

/// One warp for each place k of order[n], the positions sorted by id, and 32 columns. Where k is the first with its id, it adds
/// the rows of dy with this id, in order, to the row of the table; kAhead of them are fetched before they are added.
__global__ void scatter(Global<float> dtable, Global<const float> dy, Global<const int32_t> ids, Global<const int32_t> order,
                        int64_t n, int64_t cols, int64_t table_rows) {
  constexpr int kAhead = 8;
  const int64_t across = (cols + 31) / 32, warp = warp_index(), k = warp / across, c = warp % across * 32 + lane_index();
  if (k >= n) return;
  const int32_t id = ids[order[k]];
  if (outside(id, table_rows) || (k > 0 && ids[order[k - 1]] == id)) return;
  const bool mine = c < cols;
  const int64_t to = id * cols + c;
  float sum = mine ? dtable[to] : 0.0f;
  int rows = 32;
  for (int64_t first = k; rows == 32; first += 32) {
    const int64_t at = first + lane_index();
    const int32_t position = at < n ? order[at] : 0;
    rows = __popc(__ballot_sync(kAllLanes, at < n && ids[position] == id));  // those of the first lanes: order is sorted
    for (int begin = 0; begin < rows; begin += kAhead) {
      float ahead[kAhead];
      for (int j = 0; j < kAhead; ++j) {
        const int64_t row = __shfl_sync(kAllLanes, position, begin + j);
        ahead[j] = mine && begin + j < rows ? dy[row * cols + c] : 0.0f;
      }
      for (int j = 0; j < kAhead; ++j)
        if (begin + j < rows) sum += ahead[j];
    }
  }
  if (mine) dtable[to] = sum;
}

/// One thread for each element of y[batch,cols].
__global__ void mean_pool(Global<float> y, Global<const float> x, Global<const int32_t> starts, Global<const int32_t> valid,
                          int64_t cols) {
  const ColumnOfChunk at = column_of_chunk(cols);
  if (at.column >= cols) return;
  const int64_t begin = starts[at.chunk], end = begin + valid[at.chunk];
  float sum = 0;
  for (int64_t r = begin; r < end; ++r) sum += x[r * cols + at.column];
  const float inverse = 1.0f / static_cast<float>(valid[at.chunk]);
  y[at.chunk * cols + at.column] = sum * inverse;
}

/// One thread for each column of each sequence.
__global__ void mean_pool_grad(Global<float> dx, Global<const float> dy, Global<const int32_t> starts, Global<const int32_t> valid,
                               int64_t cols, bool accumulate) {
  const ColumnOfChunk at = column_of_chunk(cols);
  if (at.column >= cols) return;
  const int64_t begin = starts[at.chunk], end = starts[at.chunk + 1], pads = begin + valid[at.chunk];
  const float inverse = 1.0f / static_cast<float>(valid[at.chunk]);
  const float share = dy[at.chunk * cols + at.column] * inverse;
  for (int64_t r = begin; r < end; ++r) {
    const float value = r < pads ? share : 0.0f;
    const int64_t i = r * cols + at.column;
    dx[i] = accumulate ? dx[i] + value : value;
  }
}

}  // namespace

void CudaBackend::gather_rows(Buffer& y, const Buffer& table, const Buffer& ids, int64_t n, int64_t cols, bool accumulate) {
  const auto yp = reals(y, n * cols, "gather_rows y");
  reals(table, 0, "gather_rows table");
  const auto id = ints(ids, n, "gather_rows ids");
  const int64_t rows = table_rows(table, cols, "gather_rows");
  const auto tp = reals(table, rows * cols, "gather_rows table");
  launch(warp_each("gather_rows", n), gather, yp, tp, id, n, cols, rows, accumulate, fault_.record());
}

/// Positions with the same id are brought together, so that a row of the table sees its gradients in order of n.
void CudaBackend::scatter_rows(Buffer& dtable, const Buffer& dy, const Buffer& ids, int64_t n, int64_t cols) {
  reals(dtable, 0, "scatter_rows dtable");
  const auto dyp = reals(dy, n * cols, "scatter_rows dy");
  const auto id = ints(ids, n, "scatter_rows ids");
  const int64_t rows = table_rows(dtable, cols, "scatter_rows");
  const auto tp = reals(dtable, rows * cols, "scatter_rows dtable");
  const Scratch order(*this, S32, n), other(*this, S32, n);
  const auto op = ints(*order, n, "scatter_rows order");
  sort_positions(*this, "scatter_rows", op, ints(*other, n, "scatter_rows order"), id, n, rows, fault_.record(), FaultKind::kScatterId);
  launch(warp_each("scatter_rows", n * ((cols + 31) / 32)), scatter, tp, dyp, id, op, n, cols, rows);
}

void CudaBackend::mean_pool_forward(Buffer& y, const Buffer& x, const Layout& layout, int64_t cols) {
  const auto starts = ints(*layout.starts, layout.batch + 1, "mean_pool starts");
  const auto valid = ints(*layout.valid, layout.batch, "mean_pool valid");
  const auto yp = reals(y, layout.batch * cols, "mean_pool y");
  const auto xp = reals(x, layout.rows * cols, "mean_pool x");
  launch(each_column(*this, "mean_pool_forward", layout.batch, cols), mean_pool, yp, xp, starts, valid, cols);
}

void CudaBackend::mean_pool_backward(Buffer& dx, const Buffer& dy, const Layout& layout, int64_t cols,
                                     bool accumulate) {
  const auto starts = ints(*layout.starts, layout.batch + 1, "mean_pool starts");
  const auto valid = ints(*layout.valid, layout.batch, "mean_pool valid");
  const auto dyp = reals(dy, layout.batch * cols, "mean_pool dy");
  const auto dxp = reals(dx, layout.rows * cols, "mean_pool dx");
  launch(each_column(*this, "mean_pool_backward", layout.batch, cols), mean_pool_grad, dxp, dyp, starts, valid, cols, accumulate);
}

}  // namespace ternion
