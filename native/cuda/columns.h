// Launches in which a thread owns one column of a matrix for a chunk of its rows: neighbours read neighbouring elements,
// and every column has its own order of rows.
#pragma once
#include <cstdint>

#include "cuda_backend.h"

namespace ternion {

constexpr int kColumnThreads = 128;

/// One thread for each of `cols` columns of each of `chunks` chunks.
inline LaunchShape each_column(CudaBackend& backend, const char* name, int64_t chunks, int64_t cols) {
  return backend.shape(name, chunks * ((cols + kColumnThreads - 1) / kColumnThreads), kColumnThreads);
}

struct ColumnOfChunk {
  int64_t chunk, column;  ///< the column may lie beyond `cols`
};

__device__ __forceinline__ ColumnOfChunk column_of_chunk(int64_t cols) {
  const unsigned across = static_cast<unsigned>((cols + kColumnThreads - 1) / kColumnThreads);
  return {blockIdx.x / across, int64_t{blockIdx.x % across} * kColumnThreads + threadIdx.x};
}

}  // namespace ternion
