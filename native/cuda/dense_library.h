// Dense products by cuBLASLt, through the functions of the library that the process has already loaded: this machine's
// build needs neither its headers nor the library. The JavaCPP preset of CUDA finds and loads it (backend.CudaLibraries).
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace ternion {

/// One product: c[m,n] (+)= factor op(a) op(b) + bias, row-major, as in Backend::gemm. a and b are bf16 or f32.
struct DenseProduct {
  int64_t m, n, k;
  bool trans_a, trans_b, accumulate, bf16;
};

/// Its operands in device memory; bias[n] and factor[1] may be null.
struct DenseOperands {
  float* c;
  const void *a, *b;
  const float *bias, *factor;
};

/// The functions of cuBLASLt that are used, by the names of its documentation.
struct CublasLt;

/// cuBLASLt on one device. The algorithm of a shape is chosen once, without split sums, and kept: the same bytes every time.
class DenseLibrary {
 public:
  static constexpr size_t kWorkspaceBytes = size_t{32} << 20;
  static constexpr float kConstants[2] = {0, 1};
  static constexpr size_t kMemoryBytes = kWorkspaceBytes + 256;

  /// memory: kMemoryBytes of device memory that outlive this object: the workspace, then a copy of kConstants. Throws
  /// std::invalid_argument when the library is not loaded or lacks a function.
  explicit DenseLibrary(void* memory);
  ~DenseLibrary();
  DenseLibrary(const DenseLibrary&) = delete;
  DenseLibrary& operator=(const DenseLibrary&) = delete;

  /// The library's version, then a line for each algorithm chosen so far: its attributes, then its products.
  std::string algorithms() const;

  /// Starts the product on a stream. m, n and k are at least 1. Throws std::runtime_error with shape and status.
  void gemm(const DenseOperands& operands, const DenseProduct& product, void* stream);

 private:
  struct Plan;
  Plan& plan(const DenseProduct& product, bool bias, bool factor);

  std::unique_ptr<CublasLt> lt_;
  void* handle_ = nullptr;
  void* workspace_;
  const float* constants_;  ///< in device memory
  std::map<std::array<int64_t, 9>, std::unique_ptr<Plan>> plans_;
};

}  // namespace ternion
