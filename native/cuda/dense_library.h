// Dense f32 products by cuBLASLt, through the functions of the library that the process has already loaded: this machine's
// build needs neither its headers nor the library. The JavaCPP preset of CUDA finds and loads it (backend.CudaLibraries).
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace ternion {

/// One product: c[m,n] (+)= op(a) op(b) + bias, row-major, as in Backend::gemm.
struct DenseProduct {
  int64_t m, n, k;
  bool trans_a, trans_b, accumulate;
};

/// The functions of cuBLASLt that are used, by the names of its documentation.
struct CublasLt;

/// cuBLASLt on one device. The algorithm of a shape is chosen once, without split sums, and kept: the same bytes every time.
class DenseLibrary {
 public:
  static constexpr size_t kWorkspaceBytes = size_t{32} << 20;

  /// workspace: kWorkspaceBytes of device memory that outlive this object. Throws std::invalid_argument when the library is
  /// not loaded or lacks a function.
  explicit DenseLibrary(void* workspace);
  ~DenseLibrary();
  DenseLibrary(const DenseLibrary&) = delete;
  DenseLibrary& operator=(const DenseLibrary&) = delete;

  /// Starts the product on a stream. m, n and k are at least 1; bias may be null. Throws std::runtime_error with shape and
  /// status.
  void gemm(float* c, const float* a, const float* b, const float* bias, const DenseProduct& product, void* stream);

 private:
  struct Plan;
  Plan& plan(const DenseProduct& product, bool bias);

  std::unique_ptr<CublasLt> lt_;
  void* handle_ = nullptr;
  void* workspace_;
  std::map<std::array<int64_t, 7>, std::unique_ptr<Plan>> plans_;
};

}  // namespace ternion
