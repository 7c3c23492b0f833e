// Counts the bytes that each kernel must move between device memory and itself, if everything it touches twice stays at hand.
// Switched on by the environment variable TERNION_EMULATION_TRAFFIC, the file that it goes to. Test code only.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

namespace ternion {
namespace emulation {

class Traffic {
 public:
  struct Moved {
    int64_t launches = 0, read = 0, written = 0;
  };

  /// Whether anything is counted.
  static bool on;

  /// A kernel touches bytes [at, at + bytes), at a multiple of their number, which is a power of two up to 64.
  static void read(const void* at, size_t bytes);
  static void written(const void* at, size_t bytes);

  /// The launch of a kernel has ended: distinct bytes that it read before it wrote them, and distinct bytes that it wrote.
  static void launched(const char* kernel);

  /// Launches of a kernel so far and the bytes of all of them.
  static Moved of(const std::string& kernel);

  /// Writes "kernel,launches,bytes read,bytes written" lines and starts at zero.
  static void write();
};

}  // namespace emulation
}  // namespace ternion
