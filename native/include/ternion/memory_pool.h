// The allocator of every backend: released blocks are kept by rounded size and handed out again. Accounting counts the bytes
// of elements, without rounding. Any thread may call.
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
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
    trim();
  }

  /// Backend::new_buffer.
  Buffer* take(DType dtype, int64_t count) {
    if (count < 0 || count > (int64_t{1} << 40))
      throw std::invalid_argument("[new_buffer] count " + std::to_string(count) + " is outside 0 .. 2^40");
    const int64_t bytes = count * element_bytes(dtype), size = rounded(bytes);
    std::lock_guard<std::mutex> lock(mutex_);
    if (limit_ > 0 && in_use_ + bytes > limit_)
      throw std::runtime_error("[new_buffer] out of memory budget: needs " + std::to_string(bytes) + " bytes, has " +
                               std::to_string(limit_ - in_use_) + " of " + std::to_string(limit_) +
                               ": use a smaller batch, shorter sequences or a larger budget");
    auto* buffer = new Buffer(block(size), dtype, count, bytes);
    live_.insert(buffer);
    in_use_ += bytes;
    if (in_use_ > peak_) peak_ = in_use_;
    return buffer;
  }

  /// Backend::release.
  void give_back(Buffer* buffer) {
    std::lock_guard<std::mutex> lock(mutex_);
    if (live_.erase(buffer) == 0) throw std::invalid_argument("[release] not a live buffer of this backend");
    in_use_ -= buffer->bytes();
    free_[rounded(buffer->bytes())].push_back(buffer->data());
    delete buffer;
  }

  int64_t in_use() const { return in_use_; }
  int64_t peak() const { return peak_; }
  void reset_peak() { peak_ = in_use_; }
  void set_limit(int64_t bytes) { limit_ = bytes; }

  /// Backend::trim.
  void trim() {
    std::lock_guard<std::mutex> lock(mutex_);
    for (auto& entry : free_)
      for (void* memory : entry.second) source_.free(memory);
    free_.clear();
  }

 private:
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
    auto found = free_.find(size);
    if (found != free_.end() && !found->second.empty()) {
      void* memory = found->second.back();
      found->second.pop_back();
      source_.reuse(memory, static_cast<size_t>(size));
      return memory;
    }
    void* memory = source_.allocate(static_cast<size_t>(size));
    if (!memory)
      throw std::runtime_error("[new_buffer] the device has no " + std::to_string(size) + " bytes left (" + std::to_string(in_use_) +
                               " in use here): use a smaller batch, shorter sequences or another device");
    return memory;
  }

  MemorySource& source_;
  const int64_t smallest_, real_bytes_;
  std::mutex mutex_;
  std::map<int64_t, std::vector<void*>> free_;
  std::unordered_set<Buffer*> live_;
  int64_t in_use_ = 0, peak_ = 0, limit_ = 0;
};

}  // namespace ternion
