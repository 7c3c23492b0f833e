#include "profile.h"

#include <cstdlib>
#include <fstream>

namespace ternion {
namespace emulation {

std::map<std::string, long>& Profile::counts() {
  static std::map<std::string, long> all;
  return all;
}

void Profile::count(const char* what) { ++counts()[what]; }

void Profile::clear() { counts().clear(); }

void Profile::write() {
  const char* file = std::getenv("TERNION_EMULATION_PROFILE");
  if (!file) return;
  std::ofstream out(file);
  for (const auto& entry : counts()) out << entry.first << ',' << entry.second << '\n';
}

}  // namespace emulation
}  // namespace ternion
