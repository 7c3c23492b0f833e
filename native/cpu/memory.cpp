// The CPU backend's memory, and the rest of the contract that is about the backend itself.
#include <cstdlib>

#include "cpu_backend.h"

namespace ternion {
namespace TERNION_NS {

void* HostMemory::allocate(size_t bytes) {
  void* memory = nullptr;
  return posix_memalign(&memory, kAlignment, bytes) == 0 ? memory : nullptr;
}
void HostMemory::free(void* memory) { std::free(memory); }
void HostMemory::reuse(void*, size_t) {}

CpuBackend::CpuBackend(std::string isa, int threads)
    : description_("cpu " + isa + ", " + std::to_string(threads) + (threads == 1 ? " thread" : " threads")),
      pool_(threads),
      memory_(host_, HostMemory::kAlignment, sizeof(real)) {}

const char* CpuBackend::description() { return description_.c_str(); }
const char* CpuBackend::dense_algorithms() { return ""; }
Buffer* CpuBackend::new_buffer(DType dtype, int64_t count) { return memory_.take(dtype, count); }
void CpuBackend::release(Buffer* buffer) { memory_.give_back(buffer); }
int64_t CpuBackend::bytes_in_use() { return memory_.in_use(); }
int64_t CpuBackend::bytes_peak() { return memory_.peak(); }
void CpuBackend::reset_peak() { memory_.reset_peak(); }
void CpuBackend::set_limit(int64_t bytes) { memory_.set_limit(bytes); }
void CpuBackend::trim() { memory_.trim(); }

}  // namespace TERNION_NS
}  // namespace ternion
