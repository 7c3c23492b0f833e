// Positions brought together by id: what lets a row of a table see its gradients in order without searching for them.
#pragma once
#include "cuda_backend.h"

namespace ternion {

__device__ __forceinline__ bool outside(int32_t id, int64_t table_rows) { return id < 0 || id >= table_rows; }

/// order[n] = the positions of ids[n] sorted by id and then by position; ids outside the table come last, and the first
/// position with one is recorded as `kind`. other[n] is scratch. One launch.
void sort_positions(CudaBackend& backend, const char* name, Global<int32_t> order, Global<int32_t> other, Global<const int32_t> ids,
                    int64_t n, int64_t table_rows, Global<FaultRecord> fault, FaultKind kind);

}  // namespace ternion
