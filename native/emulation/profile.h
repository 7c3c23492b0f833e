// Counts the launches of each kernel and the transfers of an emulated device: how many a training step takes does not depend
// on what runs them. Test code only.
#pragma once
#include <map>
#include <string>

namespace ternion {
namespace emulation {

class Profile {
 public:
  /// One more launch of a kernel, or one more transfer.
  static void count(const char* what);

  /// Starts at zero.
  static void clear();

  /// Writes "name,count" lines to the file that the environment variable TERNION_EMULATION_PROFILE names, if it is set.
  static void write();

 private:
  static std::map<std::string, long>& counts();
};

}  // namespace emulation
}  // namespace ternion
