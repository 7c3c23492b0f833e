// Chooses the copy of the CPU backend that suits the machine.
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "ternion/backend.h"

extern "C" {
ternion::Backend* ternion_open_cpu_portable(const char* isa, int threads);
ternion::Backend* ternion_open_cpu_avx2(const char* isa, int threads);
ternion::Backend* ternion_open_cpu_avx512(const char* isa, int threads);
ternion::Backend* ternion_open_cpu64(const char* isa, int threads);
}

namespace ternion {
namespace {

bool has_avx2() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }

bool has_avx512() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512dq");
}

[[noreturn]] void refuse(const std::string& device, const std::string& why) {
  throw std::invalid_argument("device \"" + device + "\": " + why);
}

}  // namespace

Backend* open_backend(const char* device, int threads) {
  const std::string name(device);
  if (threads < 1 || threads > 256) refuse(name, "threads = " + std::to_string(threads) + ", wanted 1 .. 256");
  if (name == "cpu64") return ternion_open_cpu64("f64 reference", threads);
  if (name == "cpu") {
    if (has_avx512()) return ternion_open_cpu_avx512("AVX-512", threads);
    if (has_avx2()) return ternion_open_cpu_avx2("AVX2", threads);
    return ternion_open_cpu_portable("x86-64-v2", threads);
  }
  if (name == "cpu:portable") return ternion_open_cpu_portable("x86-64-v2", threads);
  if (name == "cpu:avx2") {
    if (!has_avx2()) refuse(name, "this processor has no AVX2 with FMA; use \"cpu\"");
    return ternion_open_cpu_avx2("AVX2", threads);
  }
  if (name == "cpu:avx512") {
    if (!has_avx512()) refuse(name, "this processor has no AVX-512 (F, BW, VL, DQ); use \"cpu\"");
    return ternion_open_cpu_avx512("AVX-512", threads);
  }
  if (name.rfind("cuda", 0) == 0) refuse(name, "this build has no CUDA backend yet; use \"cpu\"");
  refuse(name, "unknown; wanted cpu, cpu:portable, cpu:avx2, cpu:avx512 or cpu64");
}

void close_backend(Backend* backend) { delete backend; }

}  // namespace ternion
