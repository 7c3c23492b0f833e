#include "fiber.h"

#include <sys/mman.h>

#include <cstdint>
#include <new>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#define TERNION_START_SWITCH __sanitizer_start_switch_fiber
#define TERNION_FINISH_SWITCH __sanitizer_finish_switch_fiber
#define TERNION_UNPOISON __asan_unpoison_memory_region
#else
#define TERNION_START_SWITCH(...) ((void)0)
#define TERNION_FINISH_SWITCH(...) ((void)0)
#define TERNION_UNPOISON(...) ((void)0)
#endif

// void ternion_switch_stack(void** save, void* load): saves what a call must preserve, then goes on where `load` was saved.
asm(R"(
.text
.globl ternion_switch_stack
.hidden ternion_switch_stack
.type ternion_switch_stack, @function
ternion_switch_stack:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size ternion_switch_stack, . - ternion_switch_stack
)");

extern "C" void ternion_switch_stack(void** save, void* load);

namespace ternion {
namespace emulation {
namespace {

constexpr size_t kStack = size_t{1} << 18;
thread_local Fiber* starting = nullptr;

}  // namespace

Fiber::Fiber(void (*entry)(void*), void* argument) : entry_(entry), argument_(argument) {
  void* memory = mmap(nullptr, kStack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  stack_ = static_cast<char*>(memory);
  // As if start() had been left by a switch: six saved registers, its address, and a return address of 0, which leaves
  // the stack aligned as on entry to a function.
  auto* top = reinterpret_cast<uint64_t*>(stack_ + kStack) - 1;
  top[0] = 0;
  top[-1] = reinterpret_cast<uint64_t>(&Fiber::start);
  for (int i = 2; i <= 7; ++i) top[-i] = 0;
  own_ = top - 7;
}

Fiber::~Fiber() {
  // Functions that were never left have red zones here: without this they would lie over what is mapped here next.
  TERNION_UNPOISON(stack_, kStack);
  munmap(stack_, kStack);
}

void Fiber::start() {
  Fiber* self = starting;
  TERNION_FINISH_SWITCH(self->own_fake_, &self->caller_bottom_, &self->caller_size_);
  self->entry_(self->argument_);
  __builtin_trap();
}

void Fiber::enter() {
  starting = this;
  TERNION_START_SWITCH(&caller_fake_, stack_, kStack);
  ternion_switch_stack(&caller_, own_);
  TERNION_FINISH_SWITCH(caller_fake_, nullptr, nullptr);
}

void Fiber::leave() {
  TERNION_START_SWITCH(&own_fake_, caller_bottom_, caller_size_);
  ternion_switch_stack(&own_, caller_);
  TERNION_FINISH_SWITCH(own_fake_, &caller_bottom_, &caller_size_);
}

}  // namespace emulation
}  // namespace ternion
