#include "block_state.h"

#include <stdexcept>
#include <string>

namespace ternion {
namespace emulation {

SharedStore* BlockState::store(const char* key, int64_t elements, size_t element_bytes) {
  SharedStore& store = stores_[key];
  if (store.block != block_) {
    const size_t n = static_cast<size_t>(elements);
    store.block = block_;
    store.elements = elements;
    store.element_bytes = element_bytes;
    store.bytes.assign(n * element_bytes, '\xff');
    store.reads.resize(n);
    store.writes.resize(n);
  }
  if (store.elements != elements || store.element_bytes != element_bytes)
    throw std::runtime_error("shared memory is declared with different sizes by threads of one block");
  return &store;
}

void BlockState::race(int64_t element, int thread, int other) {
  throw std::runtime_error("race on element " + std::to_string(element) + " of shared memory between thread " +
                           std::to_string(thread) + (other == Access::kSeveral ? " and several others" : " and thread " + std::to_string(other)) +
                           ": no barrier between a write and another access");
}

}  // namespace emulation
}  // namespace ternion
