// The weights of a model that are quantized together.
#pragma once
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "buffer.h"

namespace ternion {

/// Weight matrices that one call quantizes. Holds buffers by address: whoever adds them keeps them until the list is cleared
/// or dead.
class WeightList {
 public:
  struct Entry {
    Buffer *codes, *scale, *panel;
    const Buffer *w, *sums;
    int64_t rows, cols, group;
    double clip;
    bool binary;
  };

  /// codes S8 [rows, cols], scale REAL [rows cols / group], panel U8 of Backend::panel_bytes, w REAL [rows, cols].
  /// sums F64 [ceil(rows cols / 16384)] as UpdateList gives them, or null; only where group = rows cols.
  void add(Buffer& codes, Buffer& scale, Buffer& panel, const Buffer& w, const Buffer* sums, int64_t rows, int64_t cols, int64_t group, double clip, bool binary) {
    if (rows < 1 || cols < 1 || group < 1 || rows * cols % group != 0)
      throw std::invalid_argument("[WeightList] group " + std::to_string(group) + " must divide " + std::to_string(rows) + " x " +
                                  std::to_string(cols));
    if (sums && group != rows * cols)
      throw std::invalid_argument("[WeightList] sums for groups of " + std::to_string(group) + ": wanted one group of " +
                                  std::to_string(rows * cols) + " or no sums");
    entries_.push_back({&codes, &scale, &panel, &w, sums, rows, cols, group, clip, binary});
  }

  /// Forgets all.
  void clear() { entries_.clear(); }

  const std::vector<Entry>& entries() const { return entries_; }

 private:
  std::vector<Entry> entries_;
};

}  // namespace ternion
