// A fixed set of threads that run numbered chunks. Chunk borders never depend on the number of threads.
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace ternion {

class ThreadPool {
 public:
  /// A chunk body: body(context, chunk).
  using Body = void (*)(void* context, int64_t chunk);

  explicit ThreadPool(int threads);
  ~ThreadPool();
  int threads() const { return static_cast<int>(workers_.size()) + 1; }

  /// Runs body for chunks 0 .. chunks-1 on all threads, the caller among them, and returns when all are done. A worker
  /// that comes late, because it slept or another process has its core, is not waited for. Rethrows the first exception
  /// of a chunk. Not reentrant.
  void run(int64_t chunks, Body body, void* context);

 private:
  void work();
  void drain();

  std::vector<std::thread> workers_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<uint64_t> state_{0};  ///< round << 16 | open | workers inside
  std::atomic<int> asleep_{0};
  std::atomic<int64_t> next_{0};
  std::atomic<bool> stopping_{false};
  int64_t chunks_ = 0;
  Body body_ = nullptr;
  void* context_ = nullptr;
  std::exception_ptr failure_;
};

}  // namespace ternion
