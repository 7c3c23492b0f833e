// Pooling allocator on device memory: released blocks are kept by rounded size and handed out again, in stream order.
#include <cstdlib>

#include "cuda_backend.h"

namespace ternion {
namespace {

int64_t element_bytes(DType dtype) {
  switch (dtype) {
    case REAL: case S32: return 4;
    case S8: case U8: return 1;
    case F64: return 8;
  }
  throw std::invalid_argument("[new_buffer] unknown dtype " + std::to_string(dtype));
}

/// Sizes are rounded up to one of eight steps per power of two: at most 12.5 % waste, few distinct classes.
int64_t rounded(int64_t bytes) {
  int64_t step = 256;
  while (step * 16 < bytes) step *= 2;
  return (bytes + step - 1) / step * step;
}

}  // namespace

CudaBackend::CudaBackend(std::unique_ptr<Runtime> runtime)
    : runtime_(std::move(runtime)), fault_(*runtime_), description_(runtime_->description()) {}

CudaBackend::~CudaBackend() {
  for (Buffer* buffer : live_) {
    runtime_->free(buffer->data());
    delete buffer;
  }
  trim();
}

const char* CudaBackend::description() { return description_.c_str(); }

LaunchShape CudaBackend::shape(const char* name, int64_t blocks, int threads, size_t dynamic_shared) {
  if (blocks < 0 || blocks > INT32_MAX)
    throw std::invalid_argument(std::string("[") + name + "] " + std::to_string(blocks) + " blocks: wanted 0 .. 2^31 - 1");
  return {name, dim3(static_cast<unsigned>(blocks)), dim3(static_cast<unsigned>(threads)), dynamic_shared, runtime_->stream()};
}

LaunchShape CudaBackend::each(const char* name, int64_t n) { return shape(name, (n + 255) / 256, 256); }
LaunchShape CudaBackend::warp_each(const char* name, int64_t n) { return shape(name, (n + 7) / 8, 256); }

Buffer* CudaBackend::new_buffer(DType dtype, int64_t count) {
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
    runtime_->reuse(memory, static_cast<size_t>(size));
  } else if (!(memory = runtime_->allocate(static_cast<size_t>(size)))) {
    throw std::runtime_error("[new_buffer] the device has no " + std::to_string(size) + " bytes left (" + std::to_string(in_use_) +
                             " in use here): use a smaller batch, shorter sequences or another device");
  }
  auto* buffer = new Buffer(memory, dtype, count, bytes);
  live_.insert(buffer);
  in_use_ += bytes;
  if (in_use_ > peak_) peak_ = in_use_;
  return buffer;
}

void CudaBackend::release(Buffer* buffer) {
  std::lock_guard<std::mutex> lock(memory_mutex_);
  if (live_.erase(buffer) == 0) throw std::invalid_argument("[release] not a live buffer of this backend");
  in_use_ -= buffer->bytes();
  free_[rounded(buffer->bytes() > 0 ? buffer->bytes() : 1)].push_back(buffer->data());
  delete buffer;
}

int64_t CudaBackend::bytes_in_use() { return in_use_; }
int64_t CudaBackend::bytes_peak() { return peak_; }
void CudaBackend::reset_peak() { peak_ = in_use_; }
void CudaBackend::set_limit(int64_t bytes) { limit_ = bytes; }

void CudaBackend::trim() {
  std::lock_guard<std::mutex> lock(memory_mutex_);
  for (auto& entry : free_)
    for (void* memory : entry.second) runtime_->free(memory);
  free_.clear();
}

}  // namespace ternion
