// Gathering, scattering and averaging of rows: embeddings and pooling.
#include "columns.h"
#include "cuda_backend.h"
#include "index.h"
#include "reduce.h"

namespace ternion {
namespace {

/// Rows of a table of `cols` columns.
int64_t table_rows(const Buffer& table, int64_t cols, const char* what) {
  if (cols < 1) throw std::invalid_argument(std::string("[") + what + "] cols = " + std::to_string(cols) + ", wanted 1 or more");
  return table.count() / cols;
}

__device__ __forceinline__ bool outside(int32_t id, int64_t table_rows) { return id < 0 || id >= table_rows; }

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

/// One warp for each position i. order[n] = the positions sorted by id and then by position. Where i is the first with its
/// id, its group is order[begin[i] .. begin[i] + count[i]); elsewhere, and for a bad id, count[i] = 0.
__global__ void group_ids(Global<int32_t> order, Global<int32_t> begin, Global<int32_t> count, Global<const int32_t> ids,
                          int64_t n, int64_t table_rows, Global<FaultRecord> fault) {
  const int64_t i = warp_index();
  if (i >= n) return;
  const int32_t id = ids[i];
  int less = 0, earlier = 0, equal = 0;
  for (int64_t j = lane_index(); j < n; j += 32) {
    const int32_t other = ids[j];
    less += other < id;
    equal += other == id;
    earlier += other == id && j < i;
  }
  less = warp_tree_sum(less);
  equal = warp_tree_sum(equal);
  earlier = warp_tree_sum(earlier);
  const bool bad = outside(id, table_rows);
  if (bad) record_bad_id(fault, FaultKind::kScatterId, ids, i, table_rows);
  if (lane_index() != 0) return;
  order[less + earlier] = static_cast<int32_t>(i);
  begin[i] = less;
  count[i] = earlier == 0 && !bad ? equal : 0;
}

/// One warp for each position and 32 columns: where a group begins, adds its rows of dy, in order, to the row of the table.
__global__ void scatter(Global<float> dtable, Global<const float> dy, Global<const int32_t> ids, Global<const int32_t> order,
                        Global<const int32_t> begin, Global<const int32_t> count, int64_t n, int64_t cols) {
  const int64_t across = (cols + 31) / 32, warp = warp_index(), i = warp / across, c = warp % across * 32 + lane_index();
  if (i >= n) return;
  const int32_t rows = count[i];
  if (rows == 0) return;
  const bool mine = c < cols;
  const int64_t to = ids[i] * cols + c;
  float sum = mine ? dtable[to] : 0.0f;
  for (int32_t done = 0; done < rows; done += 32) {
    const int32_t step = rows - done < 32 ? rows - done : 32;
    const int32_t position = lane_index() < step ? order[begin[i] + done + lane_index()] : 0;
    for (int j = 0; j < step; ++j) {
      const int64_t row = __shfl_sync(kAllLanes, position, j);
      if (mine) sum += dy[row * cols + c];
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
  const Scratch order(*this, S32, n), begin(*this, S32, n), count(*this, S32, n);
  const auto op = ints(*order, n, "scatter_rows order"), bp = ints(*begin, n, "scatter_rows begin"),
             cp = ints(*count, n, "scatter_rows count");
  launch(warp_each("scatter_rows", n), group_ids, op, bp, cp, id, n, rows, fault_.record());
  launch(warp_each("scatter_rows", n * ((cols + 31) / 32)), scatter, tp, dyp, id, op, bp, cp, n, cols);
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
