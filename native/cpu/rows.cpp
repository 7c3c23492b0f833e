// Gathering, scattering and averaging of rows: embeddings and pooling.
#include "cpu_backend.h"

namespace ternion {
namespace TERNION_NS {
namespace {

/// Throws unless every id lies inside the table.
void check_ids(const Buffer& table, const int32_t* id, int64_t n, int64_t cols, const char* what) {
  if (cols < 1) throw std::invalid_argument(std::string("[") + what + "] cols = " + std::to_string(cols) + ", wanted 1 or more");
  const int64_t rows = table.count() / cols;
  for (int64_t i = 0; i < n; ++i)
    if (id[i] < 0 || id[i] >= rows)
      throw std::invalid_argument(std::string("[") + what + "] id " + std::to_string(id[i]) + " at position " +
                                  std::to_string(i) + " is outside a table of " + std::to_string(rows) + " rows");
}

}  // namespace

void CpuBackend::gather_rows(Buffer& y, const Buffer& table, const Buffer& ids, int64_t n, int64_t cols,
                             bool accumulate) {
  real* yp = reals(y, n * cols, "gather_rows y");
  const real* tp = reals(table, 0, "gather_rows table");
  const int32_t* id = ints(ids, n, "gather_rows ids");
  check_ids(table, id, n, cols, "gather_rows");
  parallel(n, 16, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const real* from = tp + id[i] * cols;
      real* to = yp + i * cols;
      if (accumulate)
        for (int64_t c = 0; c < cols; ++c) to[c] += from[c];
      else
        std::memcpy(to, from, static_cast<size_t>(cols) * sizeof(real));
    }
  });
}

/// Threads share out columns, so every table row sees its gradients in order of n.
void CpuBackend::scatter_rows(Buffer& dtable, const Buffer& dy, const Buffer& ids, int64_t n, int64_t cols) {
  real* tp = reals(dtable, 0, "scatter_rows dtable");
  const real* dyp = reals(dy, n * cols, "scatter_rows dy");
  const int32_t* id = ints(ids, n, "scatter_rows ids");
  check_ids(dtable, id, n, cols, "scatter_rows");
  parallel(cols, 64, [&](int64_t begin, int64_t end) {
    for (int64_t i = 0; i < n; ++i)
      for (int64_t c = begin; c < end; ++c) tp[id[i] * cols + c] += dyp[i * cols + c];
  });
}

void CpuBackend::mean_pool_forward(Buffer& y, const Buffer& x, const Layout& layout, int64_t cols) {
  const int32_t* start = ints(*layout.starts, layout.batch + 1, "mean_pool starts");
  const int32_t* valid = ints(*layout.valid, layout.batch, "mean_pool valid");
  real* yp = reals(y, layout.batch * cols, "mean_pool y");
  const real* xp = reals(x, start[layout.batch] * cols, "mean_pool x");
  parallel(layout.batch, 1, [&](int64_t b, int64_t) {
    real* out = yp + b * cols;
    std::memset(out, 0, static_cast<size_t>(cols) * sizeof(real));
    for (int64_t r = start[b]; r < start[b] + valid[b]; ++r)
      for (int64_t c = 0; c < cols; ++c) out[c] += xp[r * cols + c];
    const real inverse = real(1) / static_cast<real>(valid[b]);
    for (int64_t c = 0; c < cols; ++c) out[c] *= inverse;
  });
}

void CpuBackend::mean_pool_backward(Buffer& dx, const Buffer& dy, const Layout& layout, int64_t cols, bool accumulate) {
  const int32_t* start = ints(*layout.starts, layout.batch + 1, "mean_pool starts");
  const int32_t* valid = ints(*layout.valid, layout.batch, "mean_pool valid");
  const real* dyp = reals(dy, layout.batch * cols, "mean_pool dy");
  real* dxp = reals(dx, start[layout.batch] * cols, "mean_pool dx");
  parallel(layout.batch, 1, [&](int64_t b, int64_t) {
    const real inverse = real(1) / static_cast<real>(valid[b]);
    for (int64_t r = start[b]; r < start[b + 1]; ++r)
      for (int64_t c = 0; c < cols; ++c) {
        const real value = r < start[b] + valid[b] ? dyp[b * cols + c] * inverse : real(0);
        dxp[r * cols + c] = accumulate ? dxp[r * cols + c] + value : value;
      }
  });
}

}  // namespace TERNION_NS
}  // namespace ternion
