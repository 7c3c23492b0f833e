// Many tensors in one launch. The table goes to the kernel by value, as a parameter of up to 32,764 bytes (CUDA 12.1, compute
// capability 7.0): nothing is copied to the device, so that a launch can be part of a recorded step.
#pragma once
#include <cstdint>

#include "cuda_backend.h"

namespace ternion {

/// Up to N tensors and the blocks that work on each: those of tensor t are first[t] .. first[t + 1].
template <class T, int N>
struct TensorTable {
  int count = 0;
  int32_t first[N + 1] = {};
  T tensors[N];

  /// One more tensor, worked on by so many blocks. True when the table is full then.
  bool add(const T& tensor, int64_t blocks) {
    const int64_t all = first[count] + blocks;
    if (all > INT32_MAX) throw std::invalid_argument("[tensor table] " + std::to_string(all) + " blocks: wanted up to 2^31 - 1");
    tensors[count++] = tensor;
    first[count] = static_cast<int32_t>(all);
    return count == N;
  }
  int64_t blocks() const { return first[count]; }
  void clear() { count = 0; }

  /// The tensor that block b, one of blocks(), works on.
  __device__ __forceinline__ int tensor_of(int32_t b) const {
    int low = 0, high = count - 1;  // in it
    while (low < high) {
      const int middle = (low + high + 1) / 2;
      if (first[middle] <= b) low = middle;
      else high = middle - 1;
    }
    return low;
  }
};

/// Calls go(table) for tables that together hold all entries; add(table, entry) puts one into a table and returns what its
/// add did.
template <class Table, class Entries, class Add, class Go>
void for_tables(const Entries& entries, Add add, Go go) {
  Table table;
  for (const auto& entry : entries)
    if (add(table, entry)) {
      go(table);
      table.clear();
    }
  if (table.count > 0) go(table);
}

}  // namespace ternion
