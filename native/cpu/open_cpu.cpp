// Entry of one compiled copy of the CPU backend; the only symbol that leaves it.
#include "cpu_backend.h"

extern "C" ternion::Backend* TERNION_OPEN(const char* isa, int threads);

extern "C" ternion::Backend* TERNION_OPEN(const char* isa, int threads) {
  return new ternion::TERNION_NS::CpuBackend(isa, threads);
}
