// For LD_PRELOAD: the disk of files below the folder TERNION_DISK dies. Calls that change such a file (write, truncate, sync, remove) are
// counted; after TERNION_CALLS of them each fails with EIO, or the process dies at the first, if TERNION_DIES is set. Without
// TERNION_DISK only fsync and fdatasync count, of all files.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

const char* const folder = std::getenv("TERNION_DISK");
const long allowed = std::getenv("TERNION_CALLS") ? std::atol(std::getenv("TERNION_CALLS")) : 0;
const bool dies = std::getenv("TERNION_DIES") != nullptr;
std::atomic<long> calls{0};

bool below(const char* path) { return folder && std::strncmp(path, folder, std::strlen(folder)) == 0; }

bool on_disk(int file) {
  char link[64], path[4096];
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  const ssize_t n = readlink(link, path, sizeof path - 1);
  if (n < 0) return false;
  path[n] = 0;
  return below(path);
}

/// Whether this call must fail; errno is set then.
bool fails() {
  if (++calls <= allowed) return false;
  if (dies) _exit(9);
  errno = EIO;
  return true;
}

template <class F>
F next(const char* name) {
  return reinterpret_cast<F>(dlsym(RTLD_NEXT, name));
}

int sync(const char* name, int file) {
  if ((!folder || on_disk(file)) && fails()) return -1;
  return next<int (*)(int)>(name)(file);
}

}  // namespace

#define API extern "C" __attribute__((visibility("default")))

API int fsync(int file) { return sync("fsync", file); }
API int fdatasync(int file) { return sync("fdatasync", file); }
API ssize_t write(int file, const void* bytes, size_t n) {
  static const auto real = next<ssize_t (*)(int, const void*, size_t)>("write");
  return folder && on_disk(file) && fails() ? -1 : real(file, bytes, n);
}
API ssize_t pwrite64(int file, const void* bytes, size_t n, off64_t at) {
  static const auto real = next<ssize_t (*)(int, const void*, size_t, off64_t)>("pwrite64");
  return folder && on_disk(file) && fails() ? -1 : real(file, bytes, n, at);
}
API ssize_t pwrite(int file, const void* bytes, size_t n, off_t at) { return pwrite64(file, bytes, n, at); }
API int ftruncate64(int file, off64_t n) {
  static const auto real = next<int (*)(int, off64_t)>("ftruncate64");
  return folder && on_disk(file) && fails() ? -1 : real(file, n);
}
API int ftruncate(int file, off_t n) { return ftruncate64(file, n); }
API int unlink(const char* path) {
  static const auto real = next<int (*)(const char*)>("unlink");
  return below(path) && fails() ? -1 : real(path);
}
