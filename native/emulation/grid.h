// Runs a grid of blocks of threads on one CPU thread. Threads are fibers that take turns: one runs until it waits at a
// barrier or a warp operation, or ends. Test code only.
#pragma once
#include <cstddef>
#include <cstdint>

namespace ternion {
namespace emulation {

struct Dim3 {
  unsigned x, y, z;
  Dim3(unsigned x_ = 1, unsigned y_ = 1, unsigned z_ = 1) : x(x_), y(y_), z(z_) {}
};

/// What the running thread knows of itself.
struct Position {
  Dim3 thread, block, block_size, grid_size;
};

constexpr int kWarp = 32;
constexpr size_t kLaneBytes = 64;  ///< largest value that a warp operation passes

/// The position of the running thread; only inside a kernel.
const Position& current();

/// Lane of the running thread in its warp.
int lane();

/// Bytes of dynamic shared memory of this launch.
size_t dynamic_shared();

/// Waits until every thread of the block is here. A thread that has ended by then is an error.
void block_barrier();

/// Passes `bytes` of each lane of the warp to all its lanes: an array of 32 values, `bytes` apart.
const void* warp_gather(const void* mine, size_t bytes);

/// Warp operations are for whole warps: any other mask is an error.
void require_full(unsigned mask);

[[noreturn]] void illegal_access(const char* space, int64_t index, int64_t count);

/// A grid to run.
struct GridShape {
  const char* kernel;  ///< for errors
  Dim3 grid, block;
  size_t dynamic_bytes;
  bool planted_fault;  ///< its last thread makes an illegal access before anything else
};

/// Runs body(argument) once per thread of the grid. Throws std::runtime_error "[kernel] …" on the first fault.
void run_grid(const GridShape& shape, void (*body)(const void*), const void* argument);

}  // namespace emulation
}  // namespace ternion
