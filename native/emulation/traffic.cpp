#include "traffic.h"

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <unordered_map>

namespace ternion {
namespace emulation {
namespace {

constexpr uintptr_t kPage = 4096, kWord = 64;

/// A bit for each byte of a page of memory.
struct Page {
  uint64_t read[kPage / kWord] = {}, written[kPage / kWord] = {};
};

std::unordered_map<uintptr_t, Page> touched;  // by the running kernel
std::map<std::string, Traffic::Moved> entries;

struct Bits {
  Page& page;
  size_t word;
  uint64_t mask;
};

Bits bits_of(const void* at, size_t bytes) {
  const auto address = reinterpret_cast<uintptr_t>(at);
  const uint64_t ones = bytes < kWord ? (uint64_t{1} << bytes) - 1 : ~uint64_t{0};
  return {touched[address / kPage], address % kPage / kWord, ones << (address % kWord)};
}

}  // namespace

bool Traffic::on = std::getenv("TERNION_EMULATION_TRAFFIC") != nullptr;

void Traffic::read(const void* at, size_t bytes) {
  const Bits b = bits_of(at, bytes);
  b.page.read[b.word] |= b.mask & ~b.page.written[b.word];
}

void Traffic::written(const void* at, size_t bytes) {
  const Bits b = bits_of(at, bytes);
  b.page.written[b.word] |= b.mask;
}

void Traffic::launched(const char* kernel) {
  Moved& entry = entries[kernel];
  ++entry.launches;
  for (const auto& item : touched)
    for (size_t i = 0; i < kPage / kWord; ++i) {
      entry.read += __builtin_popcountll(item.second.read[i]);
      entry.written += __builtin_popcountll(item.second.written[i]);
    }
  touched.clear();
}

Traffic::Moved Traffic::of(const std::string& kernel) { return entries[kernel]; }

void Traffic::write() {
  const char* file = std::getenv("TERNION_EMULATION_TRAFFIC");
  if (!file) return;
  std::ofstream out(file);
  for (const auto& [kernel, entry] : entries)
    out << kernel << ',' << entry.launches << ',' << entry.read << ',' << entry.written << '\n';
  entries.clear();
}

}  // namespace emulation
}  // namespace ternion
