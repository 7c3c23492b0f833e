// Entry of the backend; the only symbol that leaves it.
#include "cuda_backend.h"

extern "C" __attribute__((visibility("default"))) ternion::Backend* TERNION_OPEN(const char* which);

extern "C" ternion::Backend* TERNION_OPEN(const char* which) {
  return new ternion::CudaBackend(std::unique_ptr<ternion::Runtime>(ternion::open_runtime(which)));
}
