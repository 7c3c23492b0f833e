// Device memory of the emulation: host memory, filled with 0xff (NaN) whenever it is handed out.
#include "runtime.h"

#include "profile.h"
#include "traffic.h"

#include <cstdlib>
#include <cstring>

namespace ternion {
namespace {

class EmulatedRuntime final : public Runtime {
 public:
  explicit EmulatedRuntime(std::string planted) : planted_(std::move(planted)) { emulation::Profile::clear(); }
  ~EmulatedRuntime() override {
    emulation::Profile::write();
    emulation::Traffic::write();
  }
  std::string description() override { return "emulated CUDA device"; }
  void* allocate(size_t bytes) override {
    void* memory = nullptr;
    if (posix_memalign(&memory, 256, bytes) != 0) return nullptr;
    reuse(memory, bytes);
    return memory;
  }
  void free(void* memory) override { std::free(memory); }
  void reuse(void* memory, size_t bytes) override { std::memset(memory, 0xff, bytes); }
  void to_device(void* device, const void* host, size_t bytes) override { transfer("to_device", device, host, bytes); }
  void to_host(void* host, const void* device, size_t bytes) override { transfer("to_host", host, device, bytes); }
  void copy(void* to, const void* from, size_t bytes) override { transfer("copy", to, from, bytes); }
  /// What run_grid gets: the name of the kernel with the planted fault.
  void* stream() override { return &planted_; }
  DenseLibrary* dense() override { return nullptr; }

 private:
  static void transfer(const char* what, void* to, const void* from, size_t bytes) {
    emulation::Profile::count(what);
    if (bytes > 0) std::memcpy(to, from, bytes);
  }

  std::string planted_;
};

}  // namespace

Runtime* open_runtime(const std::string& planted) { return new EmulatedRuntime(planted); }

}  // namespace ternion
