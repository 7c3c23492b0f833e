// Device memory of the emulation: every index is checked, and reads and writes are told apart. Test code only.
#pragma once
#include <cstdint>
#include <type_traits>

#include "grid.h"
#include "traffic.h"

namespace ternion {
namespace emulation {

/// A number in device memory.
template <class T>
class GlobalElement {
 public:
  explicit GlobalElement(T& at) : at_(at) {}
  operator T() const {
    if (Traffic::on) Traffic::read(&at_, sizeof(T));
    return at_;
  }
  const GlobalElement& operator=(T value) const {
    if (Traffic::on) Traffic::written(&at_, sizeof(T));
    at_ = value;
    return *this;
  }
  const GlobalElement& operator=(const GlobalElement& other) const { return *this = static_cast<T>(other); }
  const GlobalElement& operator+=(T value) const { return *this = static_cast<T>(static_cast<T>(*this) + value); }
  /// For atomic operations, which read and write.
  T* operator&() const {
    if (Traffic::on) {
      Traffic::read(&at_, sizeof(T));
      Traffic::written(&at_, sizeof(T));
    }
    return &at_;
  }

 private:
  T& at_;
};

}  // namespace emulation

/// `n` elements of emulated device memory; an index outside is an illegal access.
template <class T>
class Global {
 public:
  Global() = default;
  Global(T* memory, int64_t n) : memory_(memory), n_(n) {}
  template <class U, class = std::enable_if_t<std::is_same_v<const U, T>>>
  Global(const Global<U>& other) : memory_(other.pointer()), n_(other.size()) {}
  T* pointer() const { return memory_; }
  int64_t size() const { return n_; }
  explicit operator bool() const { return memory_ != nullptr; }

  /// A value where T is const, an element to read and write where it is a number. Structures are not counted.
  decltype(auto) operator[](int64_t i) const {
    if (i < 0 || i >= n_) emulation::illegal_access("global", i, n_);
    if constexpr (std::is_const_v<T>) {
      if (emulation::Traffic::on) emulation::Traffic::read(memory_ + i, sizeof(T));
      return std::remove_const_t<T>(memory_[i]);
    } else if constexpr (std::is_arithmetic_v<T>) {
      return emulation::GlobalElement<T>(memory_[i]);
    } else {
      return (memory_[i]);
    }
  }

 private:
  T* memory_ = nullptr;
  int64_t n_ = 0;
};

}  // namespace ternion
