// Device memory of the emulation: host memory, filled with 0xff (NaN) whenever it is handed out, also when a recorded step is replayed.
#include "runtime.h"

#include <cstdlib>
#include <cstring>

#include "profile.h"
#include "stream.h"
#include "traffic.h"

namespace ternion {
namespace {

struct EmulatedGraph final : RuntimeGraph {
  emulation::Work work;
};

class EmulatedLanding final : public Landing {
 public:
  explicit EmulatedLanding(size_t bytes) : memory_(bytes) {}
  void* memory() override { return memory_.data(); }
  void wait() override {}

 private:
  std::vector<char> memory_;
};

class EmulatedRuntime final : public Runtime {
 public:
  explicit EmulatedRuntime(const std::string& which) {
    if (which.rfind("sm", 0) == 0) compute_capability_ = std::stoi(which.substr(2));
    else stream_.planted = which;
    emulation::Profile::clear();
  }
  ~EmulatedRuntime() override {
    emulation::Profile::write();
    emulation::Traffic::write();
  }
  std::string description() override { return "emulated CUDA device"; }
  int compute_capability() override { return compute_capability_; }
  void* allocate(size_t bytes) override {
    void* memory = nullptr;
    if (posix_memalign(&memory, 256, bytes) != 0) return nullptr;
    reuse(memory, bytes);
    return memory;
  }
  void free(void* memory) override { std::free(memory); }
  void reuse(void* memory, size_t bytes) override {
    stream_.run([=] { std::memset(memory, 0xff, bytes); });
  }
  void to_device(void* device, const void* host, size_t bytes) override { transfer("to_device", device, host, bytes); }
  void to_host(void* host, const void* device, size_t bytes) override { transfer("to_host", host, device, bytes); }
  std::unique_ptr<Landing> landing(size_t bytes) override { return std::make_unique<EmulatedLanding>(bytes); }
  void land(Landing& landing, size_t offset, const void* device, size_t bytes) override {
    transfer("land", static_cast<char*>(landing.memory()) + offset, device, bytes);
  }
  void copy(void* to, const void* from, size_t bytes) override {
    stream_.run([=] { move("copy", to, from, bytes); });
  }

  bool begin_recording() override {
    stream_.recording = std::make_unique<emulation::Work>();
    return true;
  }
  std::unique_ptr<RuntimeGraph> end_recording() override {
    auto graph = std::make_unique<EmulatedGraph>();
    graph->work = std::move(*stream_.recording);
    stream_.recording.reset();
    return graph;
  }
  void abandon_recording() override { stream_.recording.reset(); }
  void replay(RuntimeGraph& graph) override {
    emulation::Profile::count("replay");
    for (const auto& work : static_cast<EmulatedGraph&>(graph).work) work();
  }

  void* stream() override { return &stream_; }
  DenseLibrary* dense() override { return nullptr; }

 private:
  void transfer(const char* what, void* to, const void* from, size_t bytes) {
    stream_.forbid_recording(what);
    move(what, to, from, bytes);
  }
  static void move(const char* what, void* to, const void* from, size_t bytes) {
    emulation::Profile::count(what);
    if (bytes > 0) std::memcpy(to, from, bytes);
  }

  int compute_capability_ = 80;
  emulation::Stream stream_;
};

}  // namespace

Runtime* open_runtime(const std::string& which) { return new EmulatedRuntime(which); }

}  // namespace ternion
