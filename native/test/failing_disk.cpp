// For LD_PRELOAD: the disk of files below the folder TERNION_DISK fails. Calls that change such a file (write, truncate, sync, remove) are
// counted. Which of them fail, with EIO, stands in the file TERNION_DISK_CONTROL, which the test maps too and changes as it likes; without
// it all after the first TERNION_CALLS, and the process dies at the first of them if TERNION_DIES is set. Without TERNION_DISK only fsync
// and fdatasync count, of all files. A file TERNION_JOURNAL gets every call that is made, in order, with its bytes.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>

namespace {

/// What test and library share; of the machine's byte order.
struct Control {
  std::atomic<int64_t> calls;  // made so far
  int64_t first, last;         // numbers of those that fail, from 1, both included
};
static_assert(sizeof(Control) == 24 && std::atomic<int64_t>::is_always_lock_free);

const char* const folder = std::getenv("TERNION_DISK");
const bool dies = std::getenv("TERNION_DIES") != nullptr;

template <class F>
F next(const char* name) {
  return reinterpret_cast<F>(dlsym(RTLD_NEXT, name));
}

Control* open_control() {
  if (const char* path = std::getenv("TERNION_DISK_CONTROL")) {
    const int file = open(path, O_RDWR | O_CLOEXEC);
    void* map = file < 0 ? MAP_FAILED : mmap(nullptr, sizeof(Control), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (map == MAP_FAILED) {
      std::perror(path);
      std::abort();
    }
    close(file);
    return static_cast<Control*>(map);
  }
  static Control own{};
  const char* allowed = std::getenv("TERNION_CALLS");
  own.first = allowed ? std::atol(allowed) + 1 : INT64_MAX;
  own.last = INT64_MAX;
  return &own;
}

Control& control() {
  static Control* const shared = open_control();
  return *shared;
}

int open_journal() {
  const char* path = std::getenv("TERNION_JOURNAL");
  return path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
}

bool below(const char* path) { return folder && std::strncmp(path, folder, std::strlen(folder)) == 0; }

std::string path_of(int file) {
  char link[64], path[4096];
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  const ssize_t n = readlink(link, path, sizeof path);
  return std::string(path, n < 0 ? 0 : n);
}

/// Writes what is about to happen: a line "kind offset length path", then `length` bytes.
void note(const char* kind, const std::string& path, int64_t offset, const void* bytes, size_t length) {
  static const int journal = open_journal();
  if (journal < 0) return;
  static const auto write = next<ssize_t (*)(int, const void*, size_t)>("write");
  std::string entry = std::string(kind) + ' ' + std::to_string(offset) + ' ' + std::to_string(length) + ' ' + path + '\n';
  entry.append(static_cast<const char*>(bytes), length);
  if (write(journal, entry.data(), entry.size()) != static_cast<ssize_t>(entry.size())) std::abort();
}

/// Counts a call, and makes it unless it must fail. One at a time, so that the journal has them in order.
template <class Call>
auto counted(const char* kind, const std::string& path, int64_t offset, const void* bytes, size_t length, Call call) -> decltype(call()) {
  static std::mutex one;
  const std::lock_guard<std::mutex> lock(one);
  const int64_t number = ++control().calls;
  if (number >= control().first && number <= control().last) {
    if (dies) _exit(9);
    errno = EIO;
    return -1;
  }
  note(kind, path, offset, bytes, length);
  return call();
}

int sync(const char* name, int file) {
  const auto real = next<int (*)(int)>(name);
  const std::string path = folder ? path_of(file) : "";
  return !folder || below(path.c_str()) ? counted("sync", path, 0, nullptr, 0, [=] { return real(file); }) : real(file);
}

}  // namespace

#define API extern "C" __attribute__((visibility("default")))

API int fsync(int file) { return sync("fsync", file); }
API int fdatasync(int file) { return sync("fdatasync", file); }
API ssize_t write(int file, const void* bytes, size_t n) {
  static const auto real = next<ssize_t (*)(int, const void*, size_t)>("write");
  const std::string path = folder ? path_of(file) : "";
  if (!below(path.c_str())) return real(file, bytes, n);
  return counted("write", path, lseek(file, 0, SEEK_CUR), bytes, n, [=] { return real(file, bytes, n); });
}
API ssize_t pwrite64(int file, const void* bytes, size_t n, off64_t at) {
  static const auto real = next<ssize_t (*)(int, const void*, size_t, off64_t)>("pwrite64");
  const std::string path = folder ? path_of(file) : "";
  if (!below(path.c_str())) return real(file, bytes, n, at);
  return counted("write", path, at, bytes, n, [=] { return real(file, bytes, n, at); });
}
API ssize_t pwrite(int file, const void* bytes, size_t n, off_t at) { return pwrite64(file, bytes, n, at); }
API int ftruncate64(int file, off64_t n) {
  static const auto real = next<int (*)(int, off64_t)>("ftruncate64");
  const std::string path = folder ? path_of(file) : "";
  return below(path.c_str()) ? counted("truncate", path, n, nullptr, 0, [=] { return real(file, n); }) : real(file, n);
}
API int ftruncate(int file, off_t n) { return ftruncate64(file, n); }
API int unlink(const char* path) {
  static const auto real = next<int (*)(const char*)>("unlink");
  return below(path) ? counted("remove", path, 0, nullptr, 0, [=] { return real(path); }) : real(path);
}
