// What attention kernels share: the device view of a Layout, of its (sequence, head) blocks and rows, and of an operand.
#pragma once
#include "cuda_backend.h"
#include "index.h"

namespace ternion {

/// A Layout on the device. Kernels find their sequence by search in `start`: the host needs only the sizes.
struct Blocks {
  Global<const int32_t> start, valid, pairs;
  int64_t batch, heads, dim, width, rows, areas;

  explicit Blocks(const Layout& l)
      : start(ints(*l.starts, l.batch + 1, "layout starts")),
        valid(ints(*l.valid, l.batch, "layout valid")),
        pairs(ints(*l.pairs, l.batch + 1, "layout pairs")),
        batch(l.batch), heads(l.heads), dim(l.head_dim), width(heads * dim), rows(l.rows), areas(l.areas) {}

  int64_t count() const { return batch * heads; }
  int64_t map_elements() const { return heads * areas; }

  /// Rows of all maps: head h of sequence b has rows heads * start[b] + h * queries + (0 .. queries).
  int64_t map_rows() const { return heads * rows; }

  /// The last sequence b with first(b) <= i, or 0; first never falls.
  template <class F>
  __device__ int64_t find(int64_t i, F first) const {
    int64_t low = 0, high = batch - 1;
    while (low < high) {
      const int64_t middle = (low + high + 1) / 2;
      if (first(middle) <= i) low = middle;
      else high = middle - 1;
    }
    return low;
  }
};

/// Head h of sequence b. No rows when the sequence lies outside the sizes of the layout, so that no kernel leaves its memory.
struct Block {
  int64_t row = 0, queries = 0, keys = 0, column = 0, map = 0;

  __device__ Block(const Blocks& all, int64_t b, int64_t h) {
    if (b >= all.batch || h >= all.heads) return;
    const int64_t first = all.start[b], n = all.start[b + 1] - first, known = all.valid[b], area = all.pairs[b];
    if (first < 0 || n < 0 || first + n > all.rows || known < 0 || known > n || area < 0 || area + n * n > all.areas) return;
    row = first;
    queries = n;
    keys = known;
    column = h * all.dim;
    map = all.heads * area + h * n * n;
  }
};

/// Row i of all maps: elements begin .. begin + queries of a map, `keys` of them valid. No queries: there is no such row.
struct MapRow {
  int64_t begin = 0, query = 0, queries = 0, keys = 0;

  __device__ MapRow(const Blocks& all, int64_t i) {
    if (i >= all.heads * all.rows) return;
    const int64_t b = all.find(i, [&](int64_t s) { return all.heads * all.start[s]; });
    const int64_t n = Block(all, b, 0).queries, local = i - all.heads * all.start[b];
    if (n == 0 || local < 0) return;
    const Block block(all, b, local / n);
    query = local % n;
    begin = block.map + query * n;
    queries = block.queries;
    keys = block.keys;
  }
};

/// A REAL tensor, or S8 codes with a step on the device. Codes are read as whole numbers, the step is applied by the kernel.
struct Operand {
  Global<const float> values;
  Global<const int8_t> codes;
  Global<const float> steps;

  Operand() = default;
  Operand(const Buffer& buffer, const Buffer* step_buffer, int64_t n, const char* what) {
    if (step_buffer) {
      codes = codes_of(buffer, n, what);
      steps = reals(*step_buffer, 1, what);
    } else {
      values = reals(buffer, n, what);
    }
  }

  __device__ float at(int64_t i) const { return codes ? static_cast<float>(codes[i]) : values[i]; }
  __device__ float step() const { return steps ? steps[0] : 1.0f; }
};

constexpr float kMaskedScore = -100;

/// The reference zeroes scores at or below -100 before comparing. Ref: [TI] 3 L_as
__device__ __forceinline__ float shown_score(float score) { return score <= kMaskedScore ? 0 : score; }

}  // namespace ternion
