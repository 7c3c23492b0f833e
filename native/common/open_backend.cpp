// Opens a device by name: the copy of the CPU backend that suits the machine, a CUDA device, or the emulation of one.
#include <dlfcn.h>

#include <cstdlib>
#include <stdexcept>
#include <string>

#include "ternion/backend.h"
#include "ternion/processor.h"

extern "C" {
ternion::Backend* ternion_open_cpu_portable(const char* isa, int threads);
ternion::Backend* ternion_open_cpu_avx2(const char* isa, int threads);
ternion::Backend* ternion_open_cpu_avx512(const char* isa, int threads);
ternion::Backend* ternion_open_cpu64(const char* isa, int threads);
ternion::Backend* ternion_open_cuda(const char* index);
}

namespace ternion {
namespace {

[[noreturn]] void refuse(const std::string& device, const std::string& why) {
  throw std::invalid_argument("device \"" + device + "\": " + why);
}

/// Digits of "cuda" or "cuda:N".
std::string cuda_index(const std::string& name) {
  const std::string digits = name.size() > 5 && name[4] == ':' ? name.substr(5) : name == "cuda" ? "0" : "";
  if (digits.empty() || digits.size() > 3 || digits.find_first_not_of("0123456789") != std::string::npos)
    refuse(name, "wanted cuda:N with N from 0");
  return digits;
}

/// Test builds have the emulation in a library of its own, which the environment names.
Backend* open_emulated(const std::string& name) {
  const char* path = std::getenv("TERNION_EMULATION");
  if (!path) refuse(name, "only test builds have it; set TERNION_EMULATION to the path of libternion_emulated.so");
  void* library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) refuse(name, dlerror());
  auto* open = reinterpret_cast<Backend* (*)(const char*)>(dlsym(library, "ternion_open_emulated"));
  if (!open) refuse(name, dlerror());
  return open(name == "emulated" ? "" : name.c_str() + 9);
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
  if (name == "emulated" || name.rfind("emulated:", 0) == 0) return open_emulated(name);
  if (name.rfind("cuda", 0) == 0) return ternion_open_cuda(cuda_index(name).c_str());
  refuse(name, "unknown; wanted cpu, cpu:portable, cpu:avx2, cpu:avx512, cpu64 or cuda:N");
}

void close_backend(Backend* backend) { delete backend; }

}  // namespace ternion
