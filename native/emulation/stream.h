// What the emulation has for a stream: kernels run when they are launched, or are noted while a step is recorded. Test code only.
#pragma once
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace ternion {
namespace emulation {

using Work = std::vector<std::function<void()>>;

struct Stream {
  std::string planted;              ///< the kernel that shall fail, or ""
  std::unique_ptr<Work> recording;  ///< what has been noted, while recording

  /// Runs it now, or notes it.
  template <class F>
  void run(F work) {
    if (recording) recording->emplace_back(std::move(work));
    else work();
  }

  /// A capture fails when the host wants to wait in it.
  void forbid_recording(const char* what) const {
    if (recording) throw std::logic_error(std::string("[") + what + "] a transfer with the host while a step is recorded: move it before or after");
  }
};

}  // namespace emulation
}  // namespace ternion
