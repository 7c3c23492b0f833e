// Pooling allocator: released blocks are kept by rounded size and handed out again. Accounting counts element bytes.
#include <cstdlib>

#include "cpu_backend.h"

namespace ternion {
namespace TERNION_NS {
namespace {

int64_t element_bytes(DType dtype) {
  switch (dtype) {
    case REAL: return sizeof(real);
    case S8: case U8: return 1;
    case S32: return 4;
    case F64: return 8;
  }
  throw std::invalid_argument("[new_buffer] unknown dtype " + std::to_string(dtype));
}

/// Sizes are rounded up to one of eight steps per power of two: at most 12.5 % waste, few distinct classes.
int64_t rounded(int64_t bytes) {
  int64_t step = 64;
  while (step * 16 < bytes) step *= 2;
  return (bytes + step - 1) / step * step;
}

}  // namespace

CpuBackend::CpuBackend(std::string isa, int threads)
    : description_("cpu " + isa + ", " + std::to_string(threads) + (threads == 1 ? " thread" : " threads")),
      pool_(threads) {}

CpuBackend::~CpuBackend() {
  for (Buffer* buffer : live_) {
    std::free(buffer->data());
    delete buffer;
  }
  trim();
}

const char* CpuBackend::description() { return description_.c_str(); }

Buffer* CpuBackend::new_buffer(DType dtype, int64_t count) {
  if (count < 0 || count > (int64_t{1} << 40))
    throw std::invalid_argument("[new_buffer] count " + std::to_string(count) + " is outside 0 .. 2^40");
  const int64_t bytes = count * element_bytes(dtype), size = rounded(bytes > 0 ? bytes : 1);
  std::lock_guard<std::mutex> lock(memory_mutex_);
  if (limit_ > 0 && in_use_ + bytes > limit_)
    throw std::runtime_error("[new_buffer] out of memory budget: needs " + std::to_string(bytes) + " bytes, has " +
                             std::to_string(limit_ - in_use_) + " of " + std::to_string(limit_) +
                             ": use a smaller batch, shorter sequences or a larger budget");
  void* memory = nullptr;
  auto found = free_.find(size);
  if (found != free_.end() && !found->second.empty()) {
    memory = found->second.back();
    found->second.pop_back();
  } else if (posix_memalign(&memory, 64, static_cast<size_t>(size)) != 0) {
    throw std::runtime_error("[new_buffer] the system has no " + std::to_string(size) +
                             " bytes left: use a smaller batch or free memory");
  }
  auto* buffer = new Buffer(memory, dtype, count, bytes);
  live_.insert(buffer);
  in_use_ += bytes;
  if (in_use_ > peak_) peak_ = in_use_;
  return buffer;
}

void CpuBackend::release(Buffer* buffer) {
  std::lock_guard<std::mutex> lock(memory_mutex_);
  if (live_.erase(buffer) == 0) throw std::invalid_argument("[release] not a live buffer of this backend");
  in_use_ -= buffer->bytes();
  free_[rounded(buffer->bytes() > 0 ? buffer->bytes() : 1)].push_back(buffer->data());
  delete buffer;
}

int64_t CpuBackend::bytes_in_use() { return in_use_; }
int64_t CpuBackend::bytes_peak() { return peak_; }
void CpuBackend::reset_peak() { peak_ = in_use_; }
void CpuBackend::set_limit(int64_t bytes) { limit_ = bytes; }

void CpuBackend::trim() {
  std::lock_guard<std::mutex> lock(memory_mutex_);
  for (auto& entry : free_)
    for (void* memory : entry.second) std::free(memory);
  free_.clear();
}

}  // namespace TERNION_NS
}  // namespace ternion
