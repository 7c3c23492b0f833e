// Waiting threads spin briefly before they sleep: operations follow each other within microseconds during a step.
#include "ternion/thread_pool.h"

#include <immintrin.h>

namespace ternion {
namespace {
constexpr int kSpins = 4000;  // about 40 us of pause instructions, then a condition variable
}

ThreadPool::ThreadPool(int threads) {
  for (int i = 1; i < threads; ++i) workers_.emplace_back([this] { work(); });
}

ThreadPool::~ThreadPool() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
    round_.fetch_add(1);
  }
  wake_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void ThreadPool::run(int64_t chunks, Body body, void* context) {
  if (workers_.empty() || chunks <= 1) {
    for (int64_t i = 0; i < chunks; ++i) body(context, i);
    return;
  }
  {
    std::lock_guard<std::mutex> lock(mutex_);
    chunks_ = chunks;
    body_ = body;
    context_ = context;
    failure_ = nullptr;
    next_.store(0);
    busy_.store(static_cast<int>(workers_.size()));
    round_.fetch_add(1);
  }
  wake_.notify_all();
  drain();
  for (int i = 0; busy_.load(std::memory_order_acquire) > 0; ++i)
    i < kSpins ? _mm_pause() : std::this_thread::yield();  // a worker may have lost its core to another process
  if (failure_) std::rethrow_exception(failure_);
}

void ThreadPool::drain() {
  for (int64_t i = next_.fetch_add(1); i < chunks_; i = next_.fetch_add(1)) {
    try {
      body_(context_, i);
    } catch (...) {
      std::lock_guard<std::mutex> lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
    }
  }
}

void ThreadPool::work() {
  uint64_t seen = 0;
  for (;;) {
    for (int i = 0; i < kSpins && round_.load(std::memory_order_acquire) == seen; ++i) _mm_pause();
    {
      std::unique_lock<std::mutex> lock(mutex_);
      wake_.wait(lock, [&] { return round_.load() != seen; });
      seen = round_.load();
      if (stopping_) return;
    }
    drain();
    busy_.fetch_sub(1, std::memory_order_release);
  }
}

}  // namespace ternion
