// Shared memory of a block, with a record of who touched each element since the last barrier. Test code only.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace ternion {
namespace emulation {

/// One array: its bytes and, per element, the accesses since the last barrier.
struct SharedStore;

/// The running block's array of this declaration (nullptr: the dynamic one), made on first use and filled with 0xff.
SharedStore* shared_store(const char* key, int64_t elements, size_t element_bytes);

/// Records a read or write of element i and gives its address. Two threads at one element, one of them writing, without
/// a barrier (or, within a warp, a warp operation) between them is a race: an error.
void* shared_access(SharedStore* store, int64_t i, bool writes);

/// An element: reads and writes are told apart.
template <class T>
class SharedElement {
 public:
  SharedElement(SharedStore* store, int64_t i) : store_(store), i_(i) {}
  operator T() const { return *static_cast<const T*>(shared_access(store_, i_, false)); }
  const SharedElement& operator=(T value) const {
    *static_cast<T*>(shared_access(store_, i_, true)) = value;
    return *this;
  }
  const SharedElement& operator=(const SharedElement& other) const { return *this = static_cast<T>(other); }
  const SharedElement& operator+=(T value) const { return *this = static_cast<T>(static_cast<T>(*this) + value); }

 private:
  SharedStore* store_;
  int64_t i_;
};

template <class T>
class SharedArray {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  SharedArray(const char* key, size_t n) : store_(shared_store(key, static_cast<int64_t>(n), sizeof(T))) {}
  SharedElement<T> operator[](int64_t i) const { return SharedElement<T>(store_, begin_ + i); }
  /// The array from element i on.
  SharedArray operator+(int64_t i) const {
    SharedArray rest = *this;
    rest.begin_ += i;
    return rest;
  }

 private:
  SharedStore* store_;
  int64_t begin_ = 0;
};

}  // namespace emulation
}  // namespace ternion
