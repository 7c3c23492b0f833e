// A fiber that ends while its functions still run leaves no mark of AddressSanitizer behind: what is mapped at its address
// next may be used whole. Built with AddressSanitizer.
#include "fiber.h"

#include <sanitizer/asan_interface.h>

#include <cstdio>

namespace {

constexpr size_t kBelow = 4096;

struct Left {
  ternion::emulation::Fiber* fiber;
  char* frame;
};

/// Goes back to enter()'s caller from the midst of a function with red zones around its variable.
void leave_within(void* argument) {
  auto* left = static_cast<Left*>(argument);
  char variable[64];
  left->frame = variable;
  left->fiber->leave();
}

void* poisoned(char* frame) { return __asan_region_is_poisoned(frame - kBelow, kBelow + 128); }

}  // namespace

int main() {
  Left left{};
  auto* fiber = new ternion::emulation::Fiber(leave_within, &left);
  left.fiber = fiber;
  fiber->enter();
  const bool while_it_waits = poisoned(left.frame) != nullptr;
  delete fiber;
  const bool after = poisoned(left.frame) != nullptr;
  if (!while_it_waits) std::printf("FAIL the stack of a fiber that waits has red zones\n");
  if (after) std::printf("FAIL a fiber that has ended leaves red zones behind\n");
  return !while_it_waits || after;
}
