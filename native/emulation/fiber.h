// A stack of its own for each waiting thread of the emulation, and the switch between stacks (x86-64). Test code only.
#pragma once
#include <cstddef>

namespace ternion {
namespace emulation {

/// Runs entry(argument) on its own stack; entry never returns, it switches away.
class Fiber {
 public:
  Fiber(void (*entry)(void*), void* argument);
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  /// Called outside all fibers: runs this one until it calls leave().
  void enter();

  /// Called on this fiber: goes back to enter()'s caller.
  void leave();

 private:
  static void start();

  void (*entry_)(void*);
  void* argument_;
  char* stack_;
  void* own_ = nullptr;     ///< stack pointer of this fiber while it waits
  void* caller_ = nullptr;  ///< stack pointer of enter()'s caller while this fiber runs
  // For AddressSanitizer, which wants to know of every change of the stack.
  void* own_fake_ = nullptr;
  void* caller_fake_ = nullptr;
  const void* caller_bottom_ = nullptr;
  size_t caller_size_ = 0;
};

}  // namespace emulation
}  // namespace ternion
