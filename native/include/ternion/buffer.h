// A block of device memory with a dtype. Opaque to Java: contents move only through Backend::write_* and read_*.
#pragma once
#include <cstdint>

namespace ternion {

/// Element types. REAL is f32 in every shipped backend and f64 in the reference backend "cpu64" (gradient checks).
enum DType { REAL = 0, S8 = 1, U8 = 2, S32 = 3, F64 = 4 };

/// Elements of a tensor-wide sum that are added in REAL; the sums of these chunks are added in F64, in order. [performance.md 10]
constexpr int64_t kSumChunk = 16384;

/// `count` elements of `dtype`, owned by the backend that allocated it; released by Backend::release only.
class Buffer {
 public:
  Buffer(void* memory, DType dtype, int64_t count, int64_t bytes)
      : data_(memory), dtype_(dtype), count_(count), bytes_(bytes) {}
  DType dtype() const { return dtype_; }
  int64_t count() const { return count_; }
  /// Bytes of the elements, without the allocator's rounding.
  int64_t bytes() const { return bytes_; }
  void* data() const { return data_; }

 private:
  void* data_;
  DType dtype_;
  int64_t count_;
  int64_t bytes_;
};

/// Operations noted between Backend::begin_recording and end_recording, to be run again. Opaque.
class Recording {
 public:
  virtual ~Recording() {}
};

/// A copy to the host that is under way, see Backend::start_read_f64. Opaque.
class Readback {
 public:
  virtual ~Readback() {}
};

/// Where the token rows of each sequence of a packed batch lie. All three buffers are S32.
/// Sequence b owns rows starts[b] .. starts[b+1]; its first valid[b] rows are real tokens, the rest are pads, which are
/// queries but never keys. Attention tensors hold one rows_b x rows_b block per (b, head), at element
/// heads * pairs[b] + head * rows_b * rows_b, where pairs[b] = sum of rows^2 of the sequences before b.
struct Layout {
  const Buffer* starts;  ///< [batch + 1]
  const Buffer* valid;   ///< [batch]
  const Buffer* pairs;   ///< [batch + 1]
  int batch;
  int heads;
  int head_dim;
  int64_t rows;   ///< starts[batch], so that the host need not read the device
  int64_t areas;  ///< pairs[batch]
};

/// The scores of an attention map by their operands [rows, heads * head_dim]: REAL with null steps, or S8 codes with one step each.
struct ScoreOperands {
  const Buffer* q;
  const Buffer* q_step;
  const Buffer* k;
  const Buffer* k_step;
};

/// What probabilities pass through on their way to the values: dropout with the elements of Backend::dropout (p = 0: none, `step`
/// may be null), then the symmetric quantizer with one step for the tensor (bits = 0: none).
struct MapPath {
  double p;
  int64_t seed;
  int32_t site;
  const Buffer* step;  ///< S32, the optimizer step
  double clip;
  int bits;
};

}  // namespace ternion
