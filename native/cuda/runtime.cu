// The CUDA runtime, linked statically: it finds the driver when a device is opened.
#include "runtime.h"

#include <cuda_runtime.h>

#include <cstdlib>
#include <memory>
#include <stdexcept>

#include "dense_library.h"
#include "language.h"
#include "staging.h"

namespace ternion {
namespace {

constexpr int kOldest = 80;  ///< compute capability times 10

/// After a wait for all kernels: an error that shows only now is theirs.
void check_kernels(cudaError_t error) {
  std::vector<const char*> names;
  names.swap(started_kernels());
  if (error == cudaSuccess) return;
  std::string list;
  for (size_t i = names.size() > 8 ? names.size() - 8 : 0; i < names.size(); ++i) list += std::string(list.empty() ? "" : ", ") + names[i];
  throw std::runtime_error("[" + (list.empty() ? "gemm" : list) + "] " + cudaGetErrorString(error) +
                           ": one of the last kernels or a dense product; set CUDA_LAUNCH_BLOCKING=1 to see which");
}

struct EndStream {
  void operator()(cudaStream_t stream) const { cudaStreamDestroy(stream); }
};
struct FreeMemory {
  void operator()(void* memory) const { cudaFree(memory); }
};

class CudaGraph final : public RuntimeGraph {
 public:
  explicit CudaGraph(cudaGraph_t graph) {
    const cudaError_t error = cudaGraphInstantiate(&ready_, graph, 0);
    cudaGraphDestroy(graph);
    check_cuda(error, "cudaGraphInstantiate");
  }
  ~CudaGraph() override { cudaGraphExecDestroy(ready_); }

  void start(cudaStream_t stream) {
    check_cuda(cudaGraphLaunch(ready_, stream), "cudaGraphLaunch");
    started_kernels().push_back("a recorded step");
  }

 private:
  cudaGraphExec_t ready_ = nullptr;
};

/// CUDA_LAUNCH_BLOCKING=1: every kernel is waited for, so that an error has its name. A graph would hide it.
bool looking_for_faults() {
  const char* blocking = std::getenv("CUDA_LAUNCH_BLOCKING");
  return blocking && std::string(blocking) != "0";
}

class CudaRuntime final : public Runtime {
 public:
  explicit CudaRuntime(int index) : index_(index) {
    use();
    cudaDeviceProp facts;
    check_cuda(cudaGetDeviceProperties(&facts, index), "cudaGetDeviceProperties");
    compute_capability_ = facts.major * 10 + facts.minor;
    if (compute_capability_ < kOldest)
      throw std::invalid_argument(std::string("device \"cuda:") + std::to_string(index) + "\": " + facts.name + " has compute capability " +
                                  std::to_string(facts.major) + "." + std::to_string(facts.minor) + ", wanted 8.0 or newer; use \"cpu\"");
    int driver = 0;  // 1000 times the major version of CUDA plus 10 times the minor
    check_cuda(cudaDriverGetVersion(&driver), "cudaDriverGetVersion");
    description_ = std::string("cuda ") + facts.name + ", compute capability " + std::to_string(facts.major) + "." + std::to_string(facts.minor) +
                   ", " + std::to_string(facts.totalGlobalMem >> 20) + " MiB, driver for CUDA " + std::to_string(driver / 1000) + "." +
                   std::to_string(driver % 1000 / 10);
    cudaStream_t stream = nullptr;
    check_cuda(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "cudaStreamCreate");
    stream_.reset(stream);
    void* workspace = nullptr;
    check_cuda(cudaMalloc(&workspace, DenseLibrary::kMemoryBytes), "cudaMalloc of the workspace of cuBLASLt");
    workspace_.reset(workspace);
    check_cuda(cudaMemcpy(static_cast<char*>(workspace) + DenseLibrary::kWorkspaceBytes, DenseLibrary::kConstants,
                          sizeof DenseLibrary::kConstants, cudaMemcpyHostToDevice), "copy of the constants of cuBLASLt");
    dense_ = std::make_unique<DenseLibrary>(workspace);
    staging_ = std::make_unique<Staging>();
  }
  ~CudaRuntime() override {
    cudaSetDevice(index_);
    cudaStreamSynchronize(stream_.get());
  }

  std::string description() override { return description_; }
#ifdef TERNION_NO_SM90A
  int compute_capability() override { return compute_capability_ == 90 ? 89 : compute_capability_; }
#else
  int compute_capability() override { return compute_capability_; }
#endif

  void* allocate(size_t bytes) override {
    use();
    void* memory = nullptr;
    const cudaError_t error = cudaMalloc(&memory, bytes);
    if (error == cudaErrorMemoryAllocation) {
      cudaGetLastError();
      return nullptr;
    }
    check_cuda(error, "cudaMalloc");
    return memory;
  }
  void free(void* memory) override { cudaFree(memory); }
  void reuse(void*, size_t) override {}

  void to_device(void* device, const void* host, size_t bytes) override {
    forbid_recording("copy to the device");
    use();
    if (bytes <= Staging::kHalf) {
      staging_->copy(device, host, bytes, stream_.get());
      return;
    }
    check_cuda(cudaMemcpyAsync(device, host, bytes, cudaMemcpyHostToDevice, stream_.get()), "copy to the device");
    check_kernels(cudaStreamSynchronize(stream_.get()));
  }
  void to_host(void* host, const void* device, size_t bytes) override {
    forbid_recording("copy to the host");
    use();
    check_cuda(cudaMemcpyAsync(host, device, bytes, cudaMemcpyDeviceToHost, stream_.get()), "copy to the host");
    check_kernels(cudaStreamSynchronize(stream_.get()));
  }
  std::unique_ptr<Landing> landing(size_t bytes) override {
    use();
    return std::make_unique<CudaLanding>(bytes, check_kernels);
  }
  void land(Landing& landing, size_t offset, const void* device, size_t bytes) override {
    forbid_recording("copy to the host");
    use();
    static_cast<CudaLanding&>(landing).land(offset, device, bytes, stream_.get());
  }
  void copy(void* to, const void* from, size_t bytes) override {
    use();
    check_cuda(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice, stream_.get()), "copy on the device");
  }

  bool begin_recording() override {
    if (looking_for_faults()) return false;
    use();
    check_cuda(cudaStreamBeginCapture(stream_.get(), cudaStreamCaptureModeRelaxed), "cudaStreamBeginCapture");
    started_before_.swap(started_kernels());
    recording_ = true;
    return true;
  }
  std::unique_ptr<RuntimeGraph> end_recording() override {
    cudaGraph_t graph = nullptr;
    check_cuda(end_capture(&graph), "cudaStreamEndCapture");
    return std::make_unique<CudaGraph>(graph);
  }
  void abandon_recording() override {
    cudaGraph_t graph = nullptr;
    const cudaError_t error = end_capture(&graph);
    if (graph) cudaGraphDestroy(graph);
    if (error == cudaErrorStreamCaptureInvalidated) cudaGetLastError();  // what made it invalid has been reported
    else check_cuda(error, "cudaStreamEndCapture");
  }
  void replay(RuntimeGraph& graph) override {
    use();
    static_cast<CudaGraph&>(graph).start(stream_.get());
  }

  void* stream() override {
    use();
    return stream_.get();
  }
  DenseLibrary* dense() override { return dense_.get(); }

 private:
  /// The calling thread may have used another device, or none.
  void use() { check_cuda(cudaSetDevice(index_), "cudaSetDevice"); }

  cudaError_t end_capture(cudaGraph_t* graph) {
    use();
    recording_ = false;
    started_kernels().swap(started_before_);
    started_before_.clear();
    return cudaStreamEndCapture(stream_.get(), graph);
  }

  void forbid_recording(const char* what) const {
    if (recording_) throw std::logic_error(std::string("[cuda] ") + what + " while a step is recorded: move it before or after");
  }

  int index_;
  int compute_capability_;
  bool recording_ = false;
  std::vector<const char*> started_before_;  ///< kernels of before the recording
  std::string description_;
  std::unique_ptr<CUstream_st, EndStream> stream_;
  std::unique_ptr<void, FreeMemory> workspace_;
  std::unique_ptr<DenseLibrary> dense_;
  std::unique_ptr<Staging> staging_;
};

}  // namespace

Runtime* open_runtime(const std::string& which) {
  const int index = std::stoi(which);
  int count = 0;
  const cudaError_t error = cudaGetDeviceCount(&count);
  const std::string device = "device \"cuda:" + std::to_string(index) + "\": ";
  if (error != cudaSuccess)
    throw std::invalid_argument(device + cudaGetErrorString(error) + "; install an NVIDIA driver for CUDA 13 (580 or newer) or use \"cpu\"");
  if (index < 0 || index >= count)
    throw std::invalid_argument(device + "this machine has " + std::to_string(count) + " CUDA devices, numbered from 0; use another or \"cpu\"");
  return new CudaRuntime(index);
}

}  // namespace ternion
