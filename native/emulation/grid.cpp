#include "grid.h"

#include "profile.h"
#include "traffic.h"

#include <cstring>
#include <deque>
#include <exception>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "block_state.h"
#include "fiber.h"

namespace ternion {
namespace emulation {
namespace {

constexpr int64_t kMaxThreads = 1024;

struct Warp {
  int arrived = 0;
  int64_t generation = 0;                  ///< completed warp operations
  char values[2][kWarp * kLaneBytes];      ///< of the operation in progress and of the last one, by generation mod 2
  size_t bytes = 0;                        ///< size of the values in progress
};

/// A thread that waits, and the fiber that keeps its stack.
struct Waiting {
  int thread;
  Fiber* fiber;
};

/// One grid at a time on a CPU thread.
class Grid {
 public:
  void run(const GridShape& shape, void (*body)(const void*), const void* argument);

  Position position;
  BlockState block;
  size_t dynamic_bytes = 0;

  int thread() const { return thread_; }
  int64_t warp_epoch(int warp) const { return warps_[static_cast<size_t>(warp)].generation; }
  void barrier();
  const void* gather(const void* mine, size_t bytes);

 private:
  static void fiber_main(void* self) { static_cast<Grid*>(self)->run_threads(); }
  [[noreturn]] void run_threads();
  void run_block();
  void resume(const Waiting& waiting);
  void wait(std::vector<Waiting>& list);
  Fiber* idle_fiber();
  void set_thread(int thread);

  void (*body_)(const void*) = nullptr;
  const void* argument_ = nullptr;
  bool planted_ = false;
  int threads_ = 0, next_ = 0, done_ = 0, thread_ = 0;
  std::vector<Warp> warps_;
  std::vector<std::vector<Waiting>> warp_waiting_;
  std::vector<Waiting> block_waiting_;
  std::deque<Waiting> ready_;
  std::vector<std::unique_ptr<Fiber>> fibers_;
  std::vector<Fiber*> idle_;
  Fiber* running_ = nullptr;
  std::exception_ptr fault_;
};

thread_local std::unique_ptr<Grid> the_grid;
/// The grid while it runs a kernel: asked at every access to memory, so that it may cost no more than a load.
[[gnu::tls_model("initial-exec")]] thread_local Grid* in_kernel = nullptr;

Grid& grid_of_thread() {
  if (!in_kernel) throw std::logic_error("[emulation] device code is called outside a kernel");
  return *in_kernel;
}

std::string place(const Position& p) {
  return "thread (" + std::to_string(p.thread.x) + ", " + std::to_string(p.thread.y) + ", " + std::to_string(p.thread.z) +
         ") of block (" + std::to_string(p.block.x) + ", " + std::to_string(p.block.y) + ", " + std::to_string(p.block.z) + ")";
}

void Grid::set_thread(int thread) {
  thread_ = thread;
  const unsigned t = static_cast<unsigned>(thread), x = position.block_size.x, y = position.block_size.y;
  position.thread = Dim3(t % x, t / x % y, t / x / y);
}

/// The life of a fiber: runs threads that have not begun, one after the other, then rests.
void Grid::run_threads() {
  Fiber* const own = running_;
  for (;;) {
    while (next_ < threads_ && !fault_) {
      set_thread(next_++);
      try {
        if (planted_ && thread_ == threads_ - 1) illegal_access("global", -1, 0);
        body_(argument_);
      } catch (...) {
        if (!fault_) fault_ = std::current_exception();
      }
      ++done_;
    }
    idle_.push_back(own);
    own->leave();
  }
}

Fiber* Grid::idle_fiber() {
  if (idle_.empty()) {
    fibers_.push_back(std::make_unique<Fiber>(&Grid::fiber_main, this));
    return fibers_.back().get();
  }
  Fiber* fiber = idle_.back();
  idle_.pop_back();
  return fiber;
}

void Grid::resume(const Waiting& waiting) {
  set_thread(waiting.thread);
  running_ = waiting.fiber;
  running_->enter();
}

void Grid::wait(std::vector<Waiting>& list) {
  const int self = thread_;
  list.push_back({self, running_});
  running_->leave();
}

void Grid::run_block() {
  next_ = done_ = 0;
  for (Warp& warp : warps_) warp.arrived = 0;
  for (auto& waiting : warp_waiting_) waiting.clear();
  block_waiting_.clear();
  block.begin();
  while (done_ < threads_ && !fault_) {
    if (!ready_.empty()) {
      const Waiting waiting = ready_.front();
      ready_.pop_front();
      resume(waiting);
    } else if (next_ < threads_) {
      running_ = idle_fiber();
      running_->enter();
    } else {
      throw std::runtime_error("threads wait for others that have ended or wait elsewhere: a barrier or warp operation "
                               "that not all of them reach");
    }
  }
  if (fault_) std::rethrow_exception(fault_);
}

void Grid::barrier() {
  if (done_ > 0) throw std::runtime_error("__syncthreads after a thread of the block has ended");
  if (static_cast<int>(block_waiting_.size()) + 1 < threads_) return wait(block_waiting_);
  block.next_epoch();
  ready_.insert(ready_.end(), block_waiting_.begin(), block_waiting_.end());
  block_waiting_.clear();
}

const void* Grid::gather(const void* mine, size_t bytes) {
  const size_t index = static_cast<size_t>(thread_ / kWarp);
  Warp& warp = warps_[index];
  if (threads_ % kWarp != 0) throw std::runtime_error("warp operation in a block of " + std::to_string(threads_) + " threads: wanted whole warps");
  if (warp.arrived > 0 && warp.bytes != bytes) throw std::runtime_error("lanes of a warp meet in different warp operations");
  warp.bytes = bytes;
  char* values = warp.values[warp.generation % 2];
  std::memcpy(values + static_cast<size_t>(thread_ % kWarp) * bytes, mine, bytes);
  if (++warp.arrived < kWarp) {
    wait(warp_waiting_[index]);
    return values;
  }
  warp.arrived = 0;
  ++warp.generation;
  ready_.insert(ready_.end(), warp_waiting_[index].begin(), warp_waiting_[index].end());
  warp_waiting_[index].clear();
  return values;
}

void Grid::run(const GridShape& shape, void (*body)(const void*), const void* argument) {
  const int64_t threads = int64_t{shape.block.x} * shape.block.y * shape.block.z;
  if (threads < 1 || threads > kMaxThreads)
    throw std::runtime_error(std::string("[") + shape.kernel + "] " + std::to_string(threads) + " threads in a block: wanted 1 .. 1024");
  body_ = body;
  argument_ = argument;
  dynamic_bytes = shape.dynamic_bytes;
  planted_ = shape.planted_fault;
  threads_ = static_cast<int>(threads);
  warps_.resize(static_cast<size_t>((threads_ + kWarp - 1) / kWarp));
  warp_waiting_.resize(warps_.size());
  position.block_size = shape.block;
  position.grid_size = shape.grid;
  in_kernel = this;
  try {
    for (unsigned z = 0; z < shape.grid.z; ++z)
      for (unsigned y = 0; y < shape.grid.y; ++y)
        for (unsigned x = 0; x < shape.grid.x; ++x) {
          position.block = Dim3(x, y, z);
          run_block();
        }
    in_kernel = nullptr;
  } catch (const std::exception& e) {
    in_kernel = nullptr;
    throw std::runtime_error(std::string("[") + shape.kernel + "] " + e.what() + ", at " + place(position));
  }
}

}  // namespace

const Position& current() { return grid_of_thread().position; }
int lane() { return grid_of_thread().thread() % kWarp; }
size_t dynamic_shared() { return grid_of_thread().dynamic_bytes; }
void block_barrier() { grid_of_thread().barrier(); }
const void* warp_gather(const void* mine, size_t bytes) { return grid_of_thread().gather(mine, bytes); }

void require_full(unsigned mask) {
  if (mask != 0xffffffffu) throw std::runtime_error("warp operation with a partial mask: wanted all 32 lanes");
}

void illegal_access(const char* space, int64_t index, int64_t count) {
  throw std::runtime_error(std::string("illegal access: element ") + std::to_string(index) + " of " + std::to_string(count) +
                           " in " + space + " memory");
}

SharedStore* shared_store(const char* key, int64_t elements, size_t element_bytes) {
  return grid_of_thread().block.store(key, elements, element_bytes);
}

void* shared_access(SharedStore* store, int64_t i, bool writes) {
  Grid& grid = grid_of_thread();
  const int thread = grid.thread();
  return grid.block.access(store, i, writes, thread, thread / kWarp, grid.warp_epoch(thread / kWarp));
}

void run_grid(const GridShape& shape, void (*body)(const void*), const void* argument) {
  if (shape.grid.x == 0 || shape.grid.y == 0 || shape.grid.z == 0) return;
  Profile::count(shape.kernel);
  // Suspended threads of a kernel that failed keep their stacks: they are dropped with the grid.
  if (!the_grid) the_grid = std::make_unique<Grid>();
  try {
    the_grid->run(shape, body, argument);
    if (Traffic::on) Traffic::launched(shape.kernel);
  } catch (...) {
    the_grid.reset();
    throw;
  }
}

}  // namespace emulation
}  // namespace ternion
