// Single-thread speed of ternion::s8::gemm: checks each shape against the portable kernel, then times it.
//
// One line for each shape (M x N x K) and ISA: GOP/s = 2 M N K / t, t in CPU time of this thread, median and best of the
// repeats; epilogue (per-tensor scales, bias) inside, quantising and packing outside.
// Usage: gemm_s8_bench [--json] [--repeats=21] [--isa=NAME] [--shape=MxNxK]

#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "../cpu/s8/gemm_s8.h"

namespace s8 = ternion::s8;

namespace {

struct Shape {
  int64_t m, n, k;
};

constexpr Shape kShapes[] = {{1024, 768, 768},  {1024, 384, 384},  {1024, 384, 1536}, {1024, 1536, 384},
                             {1024, 768, 3072}, {181, 768, 768},   {16, 3072, 768},   {1, 768, 768}};

double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

struct Data {
  explicit Data(const Shape& shape) : shape(shape) {
    std::mt19937 random(static_cast<unsigned>(shape.m * 31 + shape.n * 7 + shape.k));
    x.resize(static_cast<size_t>(shape.m * shape.k));
    codes.resize(static_cast<size_t>(shape.n * shape.k));
    for (int8_t& value : x) value = static_cast<int8_t>(static_cast<int>(random() % 255) - 127);
    for (int8_t& code : codes) code = static_cast<int8_t>(static_cast<int>(random() % 3) - 1);
    bias.assign(static_cast<size_t>(shape.n), 0.25F);
    sums.resize(static_cast<size_t>(shape.m));
    s8::row_sums(sums.data(), x.data(), shape.m, shape.k);
    memory.resize(static_cast<size_t>(s8::panel_bytes(shape.n, shape.k)) + 64);
    panel = memory.data() + (64 - reinterpret_cast<uintptr_t>(memory.data()) % 64);
    s8::pack_panel(panel, codes.data(), shape.n, shape.k);
    y.resize(static_cast<size_t>(shape.m * shape.n));
  }
  void run() {
    const s8::Epilogue epilogue{&step, 0, &scale, 0, bias.data()};
    s8::gemm(y.data(), x.data(), sums.data(), panel, 0, shape.m, shape.n, shape.k, 0, shape.n, epilogue);
  }

  Shape shape;
  std::vector<int8_t> x, codes;
  std::vector<int32_t> sums;
  std::vector<uint8_t> memory;
  uint8_t* panel = nullptr;
  std::vector<float> y, bias;
  float step = 0.019F, scale = 0.037F;
};

/** Seconds of one call, one entry for each repeat; a repeat is long enough for the clock (about 4 ms). */
std::vector<double> measure(Data& data, int repeats) {
  int calls = 1;
  for (;;) {
    const double begin = thread_seconds();
    for (int i = 0; i < calls; ++i) data.run();
    if (thread_seconds() - begin > 4e-3) break;
    calls *= 2;
  }
  std::vector<double> seconds;
  for (int repeat = 0; repeat < repeats; ++repeat) {
    const double begin = thread_seconds();
    for (int i = 0; i < calls; ++i) data.run();
    seconds.push_back((thread_seconds() - begin) / calls);
  }
  std::sort(seconds.begin(), seconds.end());
  return seconds;
}

}  // namespace

int main(int argc, char** argv) {
  bool json = false;
  int repeats = 21;
  std::string only_isa;
  std::vector<Shape> shapes(std::begin(kShapes), std::end(kShapes));
  for (int i = 1; i < argc; ++i) {
    const std::string option = argv[i];
    long long m = 0, n = 0, k = 0;
    if (option == "--json") {
      json = true;
    } else if (option.rfind("--repeats=", 0) == 0 && std::atoi(argv[i] + 10) > 0) {
      repeats = std::atoi(argv[i] + 10);
    } else if (option.rfind("--isa=", 0) == 0) {
      only_isa = option.substr(6);
    } else if (std::sscanf(argv[i], "--shape=%lldx%lldx%lld", &m, &n, &k) == 3 && m > 0 && n > 0 && k > 0) {
      shapes.assign(1, Shape{m, n, k});
    } else {
      std::fprintf(stderr, "usage: gemm_s8_bench [--json] [--repeats=N] [--isa=NAME] [--shape=MxNxK]\n");
      return 2;
    }
  }
  const char* separator = "";
  if (json) std::printf("[");
  for (const Shape& shape : shapes) {
    Data data(shape);
    s8::select_isa(s8::Isa::portable);
    data.run();
    const std::vector<float> expected = data.y;
    for (s8::Isa isa : {s8::Isa::portable, s8::Isa::avx2, s8::Isa::avx512vnni}) {
      if (!s8::select_isa(isa) || (!only_isa.empty() && only_isa != s8::isa_name())) continue;
      std::fill(data.y.begin(), data.y.end(), -1.0F);
      data.run();
      if (std::memcmp(data.y.data(), expected.data(), expected.size() * sizeof(float)) != 0) {
        std::fprintf(stderr, "%s differs from portable at %ldx%ldx%ld\n", s8::isa_name(), static_cast<long>(shape.m),
                     static_cast<long>(shape.n), static_cast<long>(shape.k));
        return 1;
      }
      const std::vector<double> seconds = measure(data, isa == s8::Isa::portable ? std::min(repeats, 3) : repeats);
      const double work = 2e-9 * static_cast<double>(shape.m) * static_cast<double>(shape.n * shape.k);
      const double median = work / seconds[seconds.size() / 2];
      const double best = work / seconds.front();
      if (json) {
        std::printf("%s\n {\"m\": %ld, \"n\": %ld, \"k\": %ld, \"isa\": \"%s\", \"median_gops\": %.1f, "
                    "\"best_gops\": %.1f, \"repeats\": %zu}",
                    separator, static_cast<long>(shape.m), static_cast<long>(shape.n), static_cast<long>(shape.k),
                    s8::isa_name(), median, best, seconds.size());
      } else {
        std::printf("%5ld x %4ld x %4ld  %-10s  median %6.1f GOP/s  best %6.1f GOP/s\n", static_cast<long>(shape.m),
                    static_cast<long>(shape.n), static_cast<long>(shape.k), s8::isa_name(), median, best);
      }
      separator = ",";
      std::fflush(stdout);
    }
  }
  if (json) std::printf("\n]\n");
  return 0;
}
