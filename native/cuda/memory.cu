// The CUDA backend's memory, launch shapes, and the rest of the contract that is about the backend itself.
#include "cuda_backend.h"
#include "dense_library.h"

namespace ternion {

CudaBackend::CudaBackend(std::unique_ptr<Runtime> runtime)
    : runtime_(std::move(runtime)), memory_(*runtime_, 256, sizeof(float)), fault_(*runtime_), description_(runtime_->description()) {}

const char* CudaBackend::description() { return description_.c_str(); }

const char* CudaBackend::dense_algorithms() {
  algorithms_ = dense_library() ? dense_library()->algorithms() : "";
  return algorithms_.c_str();
}

LaunchShape CudaBackend::shape(const char* name, int64_t blocks, int threads, size_t dynamic_shared) {
  if (blocks < 0 || blocks > INT32_MAX)
    throw std::invalid_argument(std::string("[") + name + "] " + std::to_string(blocks) + " blocks: wanted 0 .. 2^31 - 1");
  return {name, dim3(static_cast<unsigned>(blocks)), dim3(static_cast<unsigned>(threads)), dynamic_shared, runtime_->stream()};
}

LaunchShape CudaBackend::each(const char* name, int64_t n) { return shape(name, (n + 255) / 256, 256); }
LaunchShape CudaBackend::warp_each(const char* name, int64_t n) { return shape(name, (n + 7) / 8, 256); }

Buffer* CudaBackend::new_buffer(DType dtype, int64_t count) { return memory_.take(dtype, count); }
void CudaBackend::release(Buffer* buffer) { memory_.give_back(buffer); }
int64_t CudaBackend::bytes_in_use() { return memory_.in_use(); }
int64_t CudaBackend::bytes_peak() { return memory_.peak(); }
void CudaBackend::reset_peak() { memory_.reset_peak(); }
void CudaBackend::set_limit(int64_t bytes) { memory_.set_limit(bytes); }
void CudaBackend::trim() { memory_.trim(); }

}  // namespace ternion
