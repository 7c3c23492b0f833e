// For LD_PRELOAD: from the n-th call on, n = TERNION_SYNCS, fsync and fdatasync fail with EIO, as on a disk that has died.
#include <dlfcn.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>

namespace {

bool fails() {
  static const long allowed = std::getenv("TERNION_SYNCS") ? std::atol(std::getenv("TERNION_SYNCS")) : 0;
  static std::atomic<long> calls{0};
  return ++calls > allowed;
}

int sync(const char* name, int file) {
  if (fails()) {
    errno = EIO;
    return -1;
  }
  return reinterpret_cast<int (*)(int)>(dlsym(RTLD_NEXT, name))(file);
}

}  // namespace

extern "C" __attribute__((visibility("default"))) int fsync(int file) { return sync("fsync", file); }
extern "C" __attribute__((visibility("default"))) int fdatasync(int file) { return sync("fdatasync", file); }
