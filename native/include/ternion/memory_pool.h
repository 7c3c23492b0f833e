// The allocator of every backend: released blocks are kept by rounded size and handed out again. Accounting counts the bytes
// of elements, without rounding, and the idle blocks that recordings reserve. Any thread may call.
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "buffer.h"

namespace ternion {

/// Where a pool gets its memory.
class MemorySource {
 public:
  virtual ~MemorySource() = default;

  /// Memory of this size, or nullptr when there is none left.
  virtual void* allocate(size_t bytes) = 0;
  virtual void free(void* memory) = 0;

  /// Called when a block of the pool is handed out again.
  virtual void reuse(void* memory, size_t bytes) = 0;
};

/// The blocks that a recording reads and writes whenever it is replayed.
using ReservedBlocks = std::unordered_set<void*>;

class MemoryPool {
 public:
  /// smallest: block size in bytes, a power of two; blocks are multiples of it. real_bytes: size of a REAL element.
  MemoryPool(MemorySource& source, int64_t smallest, int64_t real_bytes)
      : source_(source), smallest_(smallest), real_bytes_(real_bytes) {}
  MemoryPool(const MemoryPool&) = delete;
  MemoryPool& operator=(const MemoryPool&) = delete;

  ~MemoryPool() {
    for (Buffer* buffer : live_) {
      source_.free(buffer->data());
      delete buffer;
    }
    drop(free_);
    drop(reserved_);
  }

  /// Backend::new_buffer.
  Buffer* take(DType dtype, int64_t count) {
    if (count < 0 || count > (int64_t{1} << 40))
      throw std::invalid_argument("[new_buffer] count " + std::to_string(count) + " is outside 0 .. 2^40");
    const int64_t bytes = count * element_bytes(dtype), size = rounded(bytes);
    std::lock_guard<std::mutex> lock(mutex_);
    const int64_t reserved = recording_ && has(reserved_, size) ? size : 0, left = limit_ - used() + reserved;
    if (limit_ > 0 && bytes > left)
      throw std::runtime_error("[new_buffer] out of memory budget: needs " + std::to_string(bytes) + " bytes, has " +
                               std::to_string(left) + " of " + std::to_string(limit_) +
                               ": use a smaller batch, shorter sequences or a larger budget");
    auto* buffer = new Buffer(reserved ? reserved_block(size) : block(size), dtype, count, bytes);
    if (recording_) recording_->insert(buffer->data());
    live_.insert(buffer);
    in_use_ += bytes;
    if (used() > peak_) peak_ = used();
    return buffer;
  }

  /// Backend::release.
  void give_back(Buffer* buffer) {
    std::lock_guard<std::mutex> lock(mutex_);
    if (live_.erase(buffer) == 0) throw std::invalid_argument("[release] not a live buffer of this backend");
    in_use_ -= buffer->bytes();
    void* memory = buffer->data();
    if (recording_) recording_->insert(memory);
    const int64_t size = rounded(buffer->bytes());
    if (recording_ || users_.count(memory)) reserve(memory, size);
    else free_[size].push_back(memory);
    delete buffer;
  }

  /// From now on blocks that are taken or given back belong to a recording: when idle they are kept for recordings alone.
  void begin_recording() {
    std::lock_guard<std::mutex> lock(mutex_);
    recording_ = std::make_unique<ReservedBlocks>();
  }

  /// The blocks since begin_recording, reserved until `unreserve`.
  ReservedBlocks end_recording() {
    std::lock_guard<std::mutex> lock(mutex_);
    const ReservedBlocks blocks = std::move(*recording_);
    recording_.reset();
    for (void* memory : blocks) ++users_[memory];
    return blocks;
  }

  /// A recording is gone: blocks that no other one uses are free again.
  void unreserve(const ReservedBlocks& blocks) {
    std::lock_guard<std::mutex> lock(mutex_);
    for (void* memory : blocks)
      if (--users_[memory] == 0) users_.erase(memory);
    for (auto& [size, idle] : reserved_) {
      std::vector<void*> kept;
      for (void* memory : idle) (users_.count(memory) ? kept : free_[size]).push_back(memory);
      reserved_bytes_ -= size * static_cast<int64_t>(idle.size() - kept.size());
      idle = std::move(kept);
    }
  }

  int64_t in_use() const { return used(); }
  int64_t peak() const { return peak_; }
  void reset_peak() { peak_ = used(); }
  void set_limit(int64_t bytes) { limit_ = bytes; }

  /// Backend::trim.
  void trim() {
    std::lock_guard<std::mutex> lock(mutex_);
    drop(free_);
  }

 private:
  using Idle = std::map<int64_t, std::vector<void*>>;  ///< blocks by rounded size

  int64_t used() const { return in_use_ + reserved_bytes_; }

  static bool has(const Idle& idle, int64_t size) {
    const auto found = idle.find(size);
    return found != idle.end() && !found->second.empty();
  }

  void reserve(void* memory, int64_t size) {
    reserved_[size].push_back(memory);
    reserved_bytes_ += size;
  }

  void drop(Idle& idle) {
    for (auto& entry : idle)
      for (void* memory : entry.second) source_.free(memory);
    idle.clear();
  }

  void* last_of(Idle& idle, int64_t size) {
    void* memory = idle[size].back();
    idle[size].pop_back();
    source_.reuse(memory, static_cast<size_t>(size));
    return memory;
  }

  void* reserved_block(int64_t size) {
    reserved_bytes_ -= size;
    return last_of(reserved_, size);
  }

  int64_t element_bytes(DType dtype) const {
    switch (dtype) {
      case REAL: return real_bytes_;
      case S8: case U8: return 1;
      case S32: return 4;
      case F64: return 8;
    }
    throw std::invalid_argument("[new_buffer] unknown dtype " + std::to_string(dtype));
  }

  /// Rounded up to one of eight steps per power of two: at most 12.5 % waste, few distinct sizes.
  int64_t rounded(int64_t bytes) const {
    if (bytes < 1) bytes = 1;
    int64_t step = smallest_;
    while (step * 16 < bytes) step *= 2;
    return (bytes + step - 1) / step * step;
  }

  void* block(int64_t size) {
    if (has(free_, size)) return last_of(free_, size);
    void* memory = source_.allocate(static_cast<size_t>(size));
    if (!memory)
      throw std::runtime_error("[new_buffer] the device has no " + std::to_string(size) + " bytes left (" + std::to_string(used()) +
                               " in use here): use a smaller batch, shorter sequences or another device");
    return memory;
  }

  MemorySource& source_;
  const int64_t smallest_, real_bytes_;
  std::mutex mutex_;
  Idle free_;
  Idle reserved_;                            ///< idle blocks that only a recording may take
  std::unordered_map<void*, int> users_;     ///< recordings that use a block
  std::unique_ptr<ReservedBlocks> recording_;  ///< blocks of the recording in progress
  std::unordered_set<Buffer*> live_;
  int64_t in_use_ = 0, reserved_bytes_ = 0, peak_ = 0, limit_ = 0;
};

}  // namespace ternion
