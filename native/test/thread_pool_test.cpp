// Every chunk of every round runs once, whatever the workers do; also when all threads share one core.
#include "ternion/thread_pool.h"

#include <sched.h>

#include <cstdio>
#include <stdexcept>
#include <vector>

namespace {

int failures = 0;

void expect(bool good, const char* what) {
  if (good) return;
  std::printf("FAIL %s\n", what);
  ++failures;
}

void count(void* context, int64_t chunk) { ++(*static_cast<std::vector<int>*>(context))[static_cast<size_t>(chunk)]; }

void rounds(int threads, int count_of_rounds, const char* what) {
  ternion::ThreadPool pool(threads);
  for (int round = 0; round < count_of_rounds; ++round) {
    std::vector<int> runs(static_cast<size_t>(round % 9));
    pool.run(static_cast<int64_t>(runs.size()), count, &runs);
    for (int n : runs)
      if (n != 1) return expect(false, what);
  }
}

// A pool may end while a worker is still late for its last round; ctest's time limit finds one that then waits for ever.
void short_lives() {
  for (int i = 0; i < 3000; ++i) {
    ternion::ThreadPool pool(7);
    std::vector<int> runs(2);
    for (int round = 0; round <= i % 3; ++round) pool.run(2, count, &runs);
  }
}

void throwing() {
  ternion::ThreadPool pool(3);
  for (int round = 0; round < 200; ++round) {
    std::vector<int> runs(7);
    bool thrown = false;
    try {
      pool.run(
          7,
          [](void* context, int64_t chunk) {
            count(context, chunk);
            if (chunk == 3) throw std::runtime_error("chunk 3");
          },
          &runs);
    } catch (const std::runtime_error&) {
      thrown = true;
    }
    bool all = thrown;
    for (int n : runs) all = all && n == 1;
    expect(all, "an exception of a chunk is thrown once all chunks have run");
  }
}

}  // namespace

int main() {
  rounds(1, 1000, "one thread");
  rounds(2, 100000, "two threads");
  rounds(7, 20000, "more threads than cores");
  throwing();
  short_lives();
  for (int i = 0; i < 300; ++i) ternion::ThreadPool unused(4);
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(sched_getcpu(), &one);
  sched_setaffinity(0, sizeof one, &one);
  rounds(3, 20000, "all on one core");
  std::printf(failures ? "%d failures\n" : "thread pool: all chunks ran once\n", failures);
  return failures != 0;
}
