// Pointwise sums and scalings, column sums, sums in order.
#include "chunked_sum.h"
#include "columns.h"
#include "cuda_backend.h"
#include "index.h"

namespace ternion {
namespace {

constexpr int64_t kSumRowsChunk = 64;  ///< rows of a partial column sum

/// partial[chunk, cols] = column sums of the rows of a chunk.
__global__ void sum_chunks_of_rows(Global<float> partial, Global<const float> x, int64_t rows, int64_t cols) {
  const ColumnOfChunk at = column_of_chunk(cols);
  if (at.column >= cols) return;
  const int64_t begin = at.chunk * kSumRowsChunk, end = begin + kSumRowsChunk < rows ? begin + kSumRowsChunk : rows;
  float sum = 0;
  for (int64_t r = begin; r < end; ++r) sum += x[r * cols + at.column];
  partial[at.chunk * cols + at.column] = sum;
}

/// sums[cols] (+)= partial[chunks, cols], chunk after chunk.
__global__ void add_chunks(Global<float> sums, Global<const float> partial, int64_t chunks, int64_t cols, bool accumulate) {
  const int64_t c = thread_index();
  if (c >= cols) return;
  float sum = accumulate ? sums[c] : 0.0f;
  for (int64_t i = 0; i < chunks; ++i) sum += partial[i * cols + c];
  sums[c] = sum;
}

__global__ void add_kernel(Global<float> y, Global<const float> a, Global<const float> b, int64_t n) {
  const int64_t i = thread_index();
  if (i < n) y[i] = a[i] + b[i];
}

__global__ void scale_kernel(Global<float> y, Global<const float> x, float factor, int64_t n, bool accumulate) {
  const int64_t i = thread_index();
  if (i >= n) return;
  const float value = factor * x[i];
  y[i] = accumulate ? y[i] + value : value;
}

}  // namespace

/// Rows are added in chunks of 64, chunk sums in order: every column has one fixed order.
void CudaBackend::sum_rows(Buffer& sums, const Buffer& x, int64_t rows, int64_t cols, bool accumulate) {
  const auto sp = reals(sums, cols, "sum_rows sums");
  const auto xp = reals(x, rows * cols, "sum_rows x");
  const int64_t chunks = (rows + kSumRowsChunk - 1) / kSumRowsChunk;
  const Scratch partial(*this, REAL, chunks * cols);
  const auto pp = reals(*partial, chunks * cols, "sum_rows partial");
  launch(each_column(*this, "sum_rows", chunks, cols), sum_chunks_of_rows, pp, xp, rows, cols);
  launch(each("sum_rows", cols), add_chunks, sp, pp, chunks, cols, accumulate);
}

void CudaBackend::add(Buffer& y, const Buffer& a, const Buffer& b, int64_t n) {
  const auto yp = reals(y, n, "add y");
  const auto ap = reals(a, n, "add a"), bp = reals(b, n, "add b");
  launch(each("add", n), add_kernel, yp, ap, bp, n);
}

void CudaBackend::scale(Buffer& y, const Buffer& x, double factor, int64_t n, bool accumulate) {
  const auto yp = reals(y, n, "scale y");
  const auto xp = reals(x, n, "scale x");
  launch(each("scale", n), scale_kernel, yp, xp, static_cast<float>(factor), n, accumulate);
}

void CudaBackend::sum_f64(Buffer& out, int64_t slot, const Buffer& values, int64_t n) {
  const auto vp = doubles(values, n, "sum_f64 values");
  const auto op = f64_slot(out, slot, "sum_f64 out");
  write_sum(*this, "sum_f64", op, slot, vp, n, 1);
}

}  // namespace ternion
