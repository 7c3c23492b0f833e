// The calls to cuBLASLt, on a stand-in that does what its documentation says: every transposition and shape against plain
// loops, the search for an algorithm once per shape, and what is said when the library is missing or refuses.
#include "dense_library.cu"

#include <cstdio>
#include <cstring>
#include <vector>

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

/// Small whole numbers: every sum is exact.
std::vector<float> numbers(int64_t n, int seed) {
  std::vector<float> values(static_cast<size_t>(n));
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>((static_cast<int>(i) * 7 + seed * 3) % 11 - 5);
  return values;
}

void products(DenseLibrary& library) {
  const int64_t shapes[][3] = {{1, 1, 1}, {2, 3, 5}, {31, 7, 33}, {5, 64, 1}, {1, 9, 4}};
  for (auto& s : shapes)
    for (int flags = 0; flags < 8; ++flags) {
      const DenseProduct p{s[0], s[1], s[2], (flags & 1) != 0, (flags & 2) != 0, (flags & 4) != 0};
      const auto a = numbers(p.m * p.k, 1), b = numbers(p.k * p.n, 2);
      auto c = numbers(p.m * p.n, 3), wanted = c;
      for (int64_t i = 0; i < p.m; ++i)
        for (int64_t j = 0; j < p.n; ++j) {
          float sum = p.accumulate ? wanted[static_cast<size_t>(i * p.n + j)] : 0;
          for (int64_t l = 0; l < p.k; ++l)
            sum += a[static_cast<size_t>(p.trans_a ? l * p.m + i : i * p.k + l)] * b[static_cast<size_t>(p.trans_b ? j * p.k + l : l * p.n + j)];
          wanted[static_cast<size_t>(i * p.n + j)] = sum;
        }
      library.gemm(c.data(), a.data(), b.data(), p, nullptr);
      expect(c == wanted, std::to_string(p.m) + " x " + std::to_string(p.n) + " x " + std::to_string(p.k) + ", flags " + std::to_string(flags));
    }
}

}  // namespace

int main() {
  char workspace[1];
  expect(error_of([&] { DenseLibrary library(workspace); }).find("libcublasLt.so.13 is not loaded: install cuBLAS") != std::string::npos, "missing library");
  void* fake = dlopen(FAKE_CUBLASLT, RTLD_NOW | RTLD_GLOBAL);
  if (!fake) {
    std::printf("%s\n", dlerror());
    return 1;
  }
  const int* searches = static_cast<int*>(dlsym(fake, "searches"));
  DenseLibrary library(workspace);
  products(library);
  const int once = *searches;
  expect(once == 40, "one search for each of 40 products, saw " + std::to_string(once));
  products(library);
  expect(*searches == once, "no second search");
  float x = 0;
  const std::string refused = error_of([&] { library.gemm(&x, &x, &x, {13, 2, 3, false, false, false}, nullptr); });
  expect(refused == "[gemm] cublasLtMatmulAlgoGetHeuristic gave status 15 for 13 x 2 x 3: see cublasStatus_t in NVIDIA's documentation", refused);
  std::printf(failures ? "dense_library_test: %d FAILED\n" : "dense_library_test: all well\n", failures);
  return failures != 0;
}
