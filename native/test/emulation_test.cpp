// The emulation finds what it says it finds: a race, a missed barrier, an index outside, a partial block of a warp operation.
#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "index.h"
#include "reduce.h"

namespace ternion {
namespace {

int failures = 0;
constexpr int kThreads = 64;

void expect(bool good, const char* what) {
  if (good) return;
  std::printf("FAIL %s\n", what);
  ++failures;
}

__global__ void reverse(Global<float> y, Global<const float> x, bool barrier) {
  TERNION_SHARED(float, tile, kThreads);
  tile[threadIdx.x] = x[threadIdx.x];
  if (barrier) __syncthreads();
  y[threadIdx.x] = tile[kThreads - 1 - threadIdx.x];
}

/// What a block finds in shared memory, in which it leaves something; the last block then has a race.
__global__ void find(Global<uint32_t> y) {
  TERNION_SHARED(uint32_t, tile, kThreads);
  y[thread_index()] = tile[threadIdx.x];
  tile[threadIdx.x] = 1;
  if (blockIdx.x + 1 < gridDim.x) __syncthreads();
  tile[kThreads - 1 - threadIdx.x] = 2;
}

/// Reads every second element of x, twice; what it reads of y it has written before.
__global__ void add_halves(Global<float> y, Global<const float> x) {
  y[threadIdx.x] = 1;
  if (threadIdx.x % 2 == 0) y[threadIdx.x] += x[threadIdx.x] + x[threadIdx.x];
}

__global__ void increment(Global<float> y) { y[threadIdx.x] += 1; }

__global__ void sum(Global<float> y, Global<const float> x) {
  const float total = warp_sum<float>(0, kThreads, [&](int64_t i) { return x[i]; });
  if (threadIdx.x == 0) y[0] = total;
}

__global__ void write_at(Global<float> y, int64_t i) {
  if (threadIdx.x == 7) y[i] = 1;
}

/// Two pieces of memory in a table by value.
struct Pieces {
  Global<float> of[2];
};
__global__ void write_in_table(const __grid_constant__ Pieces table, int64_t i) {
  if (threadIdx.x == 7) table.of[1][i] = 1;
}

__global__ void leave_early(Global<float>) {
  if (threadIdx.x != 7) __syncthreads();
}

/// The error of a launch, or "".
template <class... P, class... A>
std::string error(const char* name, int threads, void (*kernel)(P...), const A&... arguments) {
  try {
    launch({name, dim3(1), dim3(static_cast<unsigned>(threads)), 0, nullptr}, kernel, arguments...);
    return "";
  } catch (const std::runtime_error& e) {
    return e.what();
  }
}

bool has(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

/// Number of failures.
int run() {
  std::vector<float> from(kThreads), to(kThreads);
  for (int i = 0; i < kThreads; ++i) from[static_cast<size_t>(i)] = static_cast<float>(i);
  const Global<const float> x(from.data(), kThreads);
  const Global<float> y(to.data(), kThreads);

  std::vector<uint32_t> found(3 * kThreads, 7);
  std::string last_block;
  try {
    launch({"find", dim3(3), dim3(kThreads), 0, nullptr}, find, Global<uint32_t>(found.data(), 3 * kThreads));
  } catch (const std::runtime_error& e) {
    last_block = e.what();
  }
  expect(has(last_block, "[find] race on element") && has(last_block, "of block (2, 0, 0)"), "a race in a later block is found");
  const auto second = found.begin() + kThreads;
  expect(std::all_of(second, second + kThreads, [](uint32_t x) { return x == 0xffffffffu; }), "a block finds nothing of the one before");

  const std::string race = error("reverse", kThreads, reverse, y, x, false);
  expect(has(race, "[reverse] race on element"), "a race on shared memory is found");
  expect(error("reverse", kThreads, reverse, y, x, true).empty() && to[0] == kThreads - 1, "a barrier orders it");
  expect(has(error("write_at", kThreads, write_at, y, int64_t{kThreads}), "[write_at] illegal access: element 64 of 64 in global"),
         "an index outside is found");
  expect(has(error("write_at", kThreads, write_at, y, int64_t{-1}), "illegal access: element -1"), "and one below 0");
  Pieces pieces;
  pieces.of[1] = Global<float>(to.data(), 3);
  expect(has(error("write_in_table", kThreads, write_in_table, pieces, int64_t{3}), "[write_in_table] illegal access: element 3 of 3 in global"),
         "an index outside memory of a table is found");
  expect(error("write_in_table", kThreads, write_in_table, pieces, int64_t{2}).empty() && to[2] == 1, "one inside is not");
  expect(has(error("leave_early", kThreads, leave_early, y), "[leave_early] __syncthreads after a thread of the block has ended"),
         "a missed barrier is found");
  expect(has(error("sum", 33, sum, y, x), "[sum] warp operation in a block of 33 threads"), "a partial warp is found");
  expect(error("sum", 32, sum, y, x).empty() && to[0] == kThreads * (kThreads - 1) / 2, "a launch after faults is right");

  emulation::Traffic::on = true;
  const std::string counted = error("add_halves", kThreads, add_halves, y, x) + error("increment", kThreads, increment, y) +
                              error("increment", kThreads, increment, y);
  const auto halves = emulation::Traffic::of("add_halves"), twice = emulation::Traffic::of("increment");
  expect(counted.empty() && halves.launches == 1 && halves.read == kThreads / 2 * 4 && halves.written == kThreads * 4,
         "bytes count once, and not as read after they were written");
  expect(twice.launches == 2 && twice.read == 2 * kThreads * 4 && twice.written == 2 * kThreads * 4, "each launch counts");
  std::printf(failures ? "%d failures\n" : "emulation: faults found\n", failures);
  return failures;
}

}  // namespace
}  // namespace ternion

int main() { return ternion::run() != 0; }
