// Dense products of the CUDA backend by cuBLASLt, on a stand-in that does what its documentation says: every transposition and
// odd shapes against the backend's own kernel, the search for an algorithm once per shape, and what is said when the library
// is missing or refuses.
#include "dense_library.h"

#include <dlfcn.h>

#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <vector>

#include "cuda_backend.h"

using namespace ternion;

namespace {

int failures = 0;

void expect(bool holds, const std::string& what) {
  if (!holds) {
    std::printf("FAILED: %s\n", what.c_str());
    ++failures;
  }
}

template <class F>
std::string error_of(F body) {
  try {
    body();
  } catch (const std::exception& e) {
    return e.what();
  }
  return "no error";
}

/// Emulated memory, and products by the library.
class LibraryRuntime final : public Runtime {
 public:
  LibraryRuntime() : memory_(open_runtime("")), workspace_(DenseLibrary::kMemoryBytes), dense_(workspace_.data()) {
    std::memcpy(workspace_.data() + DenseLibrary::kWorkspaceBytes, DenseLibrary::kConstants, sizeof DenseLibrary::kConstants);
  }
  std::string description() override { return "emulated memory, products by the library"; }
  int compute_capability() override { return 80; }
  void* allocate(size_t bytes) override { return memory_->allocate(bytes); }
  void free(void* memory) override { memory_->free(memory); }
  void reuse(void* memory, size_t bytes) override { memory_->reuse(memory, bytes); }
  void to_device(void* device, const void* host, size_t bytes) override { memory_->to_device(device, host, bytes); }
  void to_host(void* host, const void* device, size_t bytes) override { memory_->to_host(host, device, bytes); }
  void copy(void* to, const void* from, size_t bytes) override { memory_->copy(to, from, bytes); }
  std::unique_ptr<Landing> landing(size_t bytes) override { return memory_->landing(bytes); }
  void land(Landing& to, size_t offset, const void* device, size_t bytes) override { memory_->land(to, offset, device, bytes); }
  bool begin_recording() override { return memory_->begin_recording(); }
  std::unique_ptr<RuntimeGraph> end_recording() override { return memory_->end_recording(); }
  void abandon_recording() override { memory_->abandon_recording(); }
  void replay(RuntimeGraph& graph) override { memory_->replay(graph); }
  void* stream() override { return memory_->stream(); }
  DenseLibrary* dense() override { return &dense_; }

 private:
  std::unique_ptr<Runtime> memory_;
  std::vector<char> workspace_;
  DenseLibrary dense_;
};

/// Small whole numbers: every sum is exact.
std::vector<float> numbers(int64_t n, int seed) {
  std::vector<float> values(static_cast<size_t>(n));
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>((static_cast<int>(i) * 7 + seed * 3) % 11 - 5);
  return values;
}

/// c after the product on one backend; before it c held numbers, or NaN where they must not be read.
std::vector<float> product(CudaBackend& backend, const DenseProduct& p, bool with_bias = false) {
  const auto a = numbers(p.m * p.k, 1), b = numbers(p.k * p.n, 2);
  auto c = numbers(p.m * p.n, 3);
  Scratch on_a(backend, REAL, p.m * p.k), on_b(backend, REAL, p.k * p.n), on_c(backend, REAL, p.m * p.n);
  backend.write_f32(*on_a, 0, a.data(), p.m * p.k);
  backend.write_f32(*on_b, 0, b.data(), p.k * p.n);
  if (p.accumulate) backend.write_f32(*on_c, 0, c.data(), p.m * p.n);
  const auto bias = numbers(p.n, 4);
  Scratch on_bias(backend, REAL, p.n);
  backend.write_f32(*on_bias, 0, bias.data(), p.n);
  backend.gemm(*on_c, *on_a, *on_b, with_bias ? &*on_bias : nullptr, p.m, p.n, p.k, p.trans_a, p.trans_b, p.accumulate, p.bf16);
  backend.read_f32(c.data(), *on_c, 0, p.m * p.n);
  return c;
}

/// c after the product with codes, whose scales are powers of two: every sum is exact.
std::vector<float> codes_product(CudaBackend& backend, const DenseProduct& p, int64_t group) {
  const auto dy = numbers(p.m * p.k, 1), scales = std::vector<float>{0.5f, 2.0f, 0.25f, 1.0f, 0.5f, 4.0f};
  std::vector<int8_t> codes(static_cast<size_t>(p.k * p.n));
  for (size_t i = 0; i < codes.size(); ++i) codes[i] = static_cast<int8_t>(static_cast<int>(i) * 13 % 255 - 127);
  auto c = numbers(p.m * p.n, 3);
  const int64_t scale_count = p.k * p.n / group;
  Scratch on_dy(backend, REAL, p.m * p.k), on_codes(backend, S8, p.k * p.n), on_scale(backend, REAL, scale_count), on_c(backend, REAL, p.m * p.n);
  backend.write_f32(*on_dy, 0, dy.data(), p.m * p.k);
  backend.write_bytes(*on_codes, 0, codes.data(), p.k * p.n);
  backend.write_f32(*on_scale, 0, scales.data(), scale_count);
  if (p.accumulate) backend.write_f32(*on_c, 0, c.data(), p.m * p.n);
  backend.gemm_codes(*on_c, *on_dy, *on_codes, *on_scale, group, p.m, p.n, p.k, p.trans_a, p.accumulate, p.bf16);
  backend.read_f32(c.data(), *on_c, 0, p.m * p.n);
  return c;
}

constexpr int64_t kShapes[][3] = {{1, 1, 1}, {2, 3, 5}, {31, 7, 33}, {5, 64, 1}, {1, 9, 4}, {65, 1, 17}, {3, 2, 0}, {0, 4, 3}, {4, 0, 3}};
constexpr int kFlags = 32;       ///< transpositions, accumulation, bias, bf16
constexpr int kWithLibrary = 6;  ///< of kShapes; an empty product needs no library

void products(CudaBackend& library, CudaBackend& kernel) {
  for (auto& s : kShapes)
    for (int flags = 0; flags < kFlags; ++flags) {
      const DenseProduct p{s[0], s[1], s[2], (flags & 1) != 0, (flags & 2) != 0, (flags & 4) != 0, (flags & 16) != 0};
      const bool bias = (flags & 8) != 0;
      expect(product(library, p, bias) == product(kernel, p, bias),
             std::to_string(p.m) + " x " + std::to_string(p.n) + " x " + std::to_string(p.k) + ", flags " + std::to_string(flags));
    }
}

/// bf16 holds these numbers and codes exactly, so that all four ways agree.
void products_with_codes(CudaBackend& library, CudaBackend& kernel) {
  for (int64_t group : {42, 7})
    for (int flags = 0; flags < 4; ++flags) {
      const DenseProduct exact{5, 7, 6, (flags & 1) != 0, false, (flags & 2) != 0, false};
      DenseProduct rounded = exact;
      rounded.bf16 = true;
      const auto wanted = codes_product(kernel, exact, group);
      const std::string what = "codes of groups of " + std::to_string(group) + ", flags " + std::to_string(flags);
      expect(codes_product(library, exact, group) == wanted, what + ", f32");
      expect(codes_product(library, rounded, group) == wanted, what + ", bf16");
      expect(codes_product(kernel, rounded, group) == wanted, what + ", bf16 by the kernel");
    }
}

}  // namespace

int main() {
  const std::string missing = error_of([] { LibraryRuntime runtime; });
  expect(missing.find("[gemm] libcublasLt.so.13 is not loaded: install cuBLAS") == 0, missing);
  void* fake = dlopen(FAKE_CUBLASLT, RTLD_NOW | RTLD_GLOBAL);
  if (!fake) {
    std::printf("%s\n", dlerror());
    return 1;
  }
  int &searches = *static_cast<int*>(dlsym(fake, "searches")), &matmuls = *static_cast<int*>(dlsym(fake, "matmuls"));
  CudaBackend library(std::make_unique<LibraryRuntime>()), kernel(std::unique_ptr<Runtime>(open_runtime("")));
  expect(library.dense_algorithms() == std::string("cublasLt 130100"), "no algorithm chosen yet");
  product(library, {3, 2, 5, true, false, true, false}, true);
  product(library, {4, 2, 5, false, true, false, false});
  codes_product(library, {5, 7, 6, false, false, false, true}, 42);
  expect(library.dense_algorithms() ==
             std::string("cublasLt 130100\n"
                         "id 66 tile 15 stages ? split_k 1 reduction 0: bf16 5x7x6 factor\n"
                         "id 66 tile 20 stages 36 split_k 1 reduction 0: f32 3x2x5 ta + bias, f32 4x2x5 tb"),
         library.dense_algorithms());
  expect(kernel.dense_algorithms() == std::string(), "the own kernel chooses nothing");
  searches = matmuls = 0;
  products(library, kernel);
  const int once = searches;
  expect(once == kWithLibrary * kFlags, "one search for each product, saw " + std::to_string(once));
  products(library, kernel);
  expect(searches == once, "no second search");
  expect(matmuls == 2 * kWithLibrary * kFlags, "every product but the empty ones by the library, saw " + std::to_string(matmuls));
  products_with_codes(library, kernel);
  const std::string refused = error_of([&] { product(library, {13, 2, 3, false, false, false, false}); });
  expect(refused == "[gemm] cublasLtMatmulAlgoGetHeuristic gave status 15 (CUBLAS_STATUS_NOT_SUPPORTED) for 13 x 2 x 3", refused);
  const std::string failed = error_of([&] { product(library, {14, 2, 3, false, false, false, false}); });
  expect(failed == "[gemm] cublasLtMatmul gave status 13 (CUBLAS_STATUS_EXECUTION_FAILED) for 14 x 2 x 3", failed);
  std::printf(failures ? "dense_library_test: %d FAILED\n" : "dense_library_test: all well\n", failures);
  return failures != 0;
}
