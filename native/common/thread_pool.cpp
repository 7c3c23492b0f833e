// A round is open while there may be chunks left. Workers enter open rounds only; the caller closes the round when it
// finds no chunk left, and waits for the workers inside. Waiting threads spin before they sleep: operations follow each
// other within microseconds during a step.
#include "ternion/thread_pool.h"

#include <immintrin.h>

namespace ternion {
namespace {

constexpr int kSpins = 4000;  // about 40 us of pause instructions
constexpr uint64_t kOpen = 1u << 15, kInside = kOpen - 1, kRound = 1u << 16;

}  // namespace

ThreadPool::ThreadPool(int threads) {
  for (int i = 1; i < threads; ++i) workers_.emplace_back([this] { work(); });
}

ThreadPool::~ThreadPool() {
  stopping_ = true;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    wake_.notify_all();
  }
  for (std::thread& worker : workers_) worker.join();
}

void ThreadPool::run(int64_t chunks, Body body, void* context) {
  if (workers_.empty() || chunks <= 1) {
    for (int64_t i = 0; i < chunks; ++i) body(context, i);
    return;
  }
  chunks_ = chunks;
  body_ = body;
  context_ = context;
  failure_ = nullptr;
  next_ = 0;
  state_ = (state_ / kRound + 1) * kRound | kOpen;
  if (asleep_ > 0) {
    std::lock_guard<std::mutex> lock(mutex_);
    wake_.notify_all();
  }
  drain();
  state_ &= ~kOpen;
  for (int i = 0; (state_.load(std::memory_order_acquire) & kInside) > 0; ++i)
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
  // A stop is news whatever round a worker has seen: one that is late for the last round must not sleep on it.
  const auto news = [&] { return stopping_ || state_ / kRound != seen; };
  for (;;) {
    for (int i = 0; i < kSpins && !news(); ++i) _mm_pause();
    if (!news()) {
      std::unique_lock<std::mutex> lock(mutex_);
      ++asleep_;  // before the look at the round: a round opened after it sees a sleeper
      wake_.wait(lock, news);
      --asleep_;
    }
    if (stopping_) return;
    uint64_t state = state_;
    while ((state & kOpen) && !state_.compare_exchange_weak(state, state + 1)) {
    }
    seen = state / kRound;
    if (!(state & kOpen)) continue;
    drain();
    state_ -= 1;
  }
}

}  // namespace ternion
