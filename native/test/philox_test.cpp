// Test of ternion/philox.h: the known answers of [PHILOX], the layout of the dropout words, equal
// words of the block loop and of single elements, and the share kept. `--all` widens the share and
// the loop comparison. Prints one summary line; returns non-zero on failure.
#include "ternion/philox.h"

#include <cmath>
#include <cstdio>
#include <cstring>
#include <vector>

namespace {

using namespace ternion;

// Known-answer vectors of the paper's library: key, counter, words.
struct Known {
  std::uint32_t key[2], counter[4], words[4];
};

constexpr std::uint32_t kOnes = 0xffffffffu;
const Known kKnown[] = {
    {{0, 0}, {0, 0, 0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
    {{kOnes, kOnes},
     {kOnes, kOnes, kOnes, kOnes},
     {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
    {{0xa4093822, 0x299f31d0},
     {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
     {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
};

long check_known() {
  long bad = 0;
  for (const Known& k : kKnown) {
    const PhiloxBlock b = philox4x32(k.key[0], k.key[1], k.counter[0], k.counter[1], k.counter[2],
                                     k.counter[3]);
    for (int j = 0; j < 4; ++j) bad += b.w[j] != k.words[j];
    // The same vector through the dropout layout.
    const std::uint64_t seed = std::uint64_t{k.key[1]} << 32 | k.key[0];
    const std::uint64_t block = std::uint64_t{k.counter[1]} << 32 | k.counter[0];
    if (block >> 62) continue;  // no such element
    for (int j = 0; j < 4; ++j)
      bad += dropout_word(seed, k.counter[2], k.counter[3], 4 * block + static_cast<unsigned>(j)) !=
             k.words[j];
  }
  return bad;
}

// dropout_words against dropout_word, across the carry into the high counter word and at every
// length of the remainder; nothing written past the end.
long check_words(std::size_t longest) {
  long bad = 0;
  const std::uint64_t seed = 0x0123456789abcdefu;
  const std::uint64_t firsts[] = {0, 1, 0xfffffff0u, 0x3ffffffffffffff0u - longest};
  for (std::uint64_t first : firsts) {
    for (std::size_t n = 0; n <= longest; n = n < 20 ? n + 1 : 2 * n) {
      std::vector<std::uint32_t> w(4 * n + 1, 0xdeadbeefu);
      dropout_words(seed, 7, 3, first, n, w.data());
      for (std::size_t i = 0; i < 4 * n; ++i)
        bad += w[i] != dropout_word(seed, 7, 3, 4 * first + i);
      bad += w[4 * n] != 0xdeadbeefu;
    }
  }
  return bad;
}

// Thresholds, the float form, and a share kept within five standard deviations.
long check_share(std::uint64_t n) {
  long bad = 0;
  bad += dropout_threshold(0.0) != 0u;
  bad += dropout_threshold(0.5) != 0x80000000u;
  bad += dropout_threshold(0.1) != 429496730u;
  bad += dropout_threshold(1.0) != kOnes;
  bad += dropout_threshold(-1.0) != 0u;
  bad += dropout_threshold(std::nan("")) != 0u;
  bad += uniform01(0) != 0.0f || uniform01(0xff) != 0.0f || uniform01(0x100) != 0x1p-24f;
  bad += uniform01(0x80000000u) != 0.5f || uniform01(kOnes) != 1.0f - 0x1p-24f;
  const double drop = 0.1;
  const std::uint32_t threshold = dropout_threshold(drop);
  std::uint64_t kept = 0, all = 0;
  double sum = 0.0;
  for (std::uint64_t i = 0; i < n; ++i) {
    kept += dropout_keep(1, 2, 3, i, threshold);
    all += dropout_keep(1, 2, 3, i, 0);
    sum += static_cast<double>(uniform01(dropout_word(4, 5, 6, i)));
  }
  const double count = static_cast<double>(n);
  const double off = std::fabs(static_cast<double>(kept) - count * (1.0 - drop));
  bad += off > 5.0 * std::sqrt(count * drop * (1.0 - drop));
  bad += all != n;
  bad += std::fabs(sum - 0.5 * count) > 5.0 * std::sqrt(count / 12.0);
  return bad;
}

}  // namespace

int main(int argc, char** argv) {
  const bool all = argc > 1 && std::strcmp(argv[1], "--all") == 0;
  const long failures = check_known() + check_words(all ? 1u << 20 : 1u << 12) +
                        check_share(all ? 1u << 26 : 1u << 21);
  std::printf("philox_test: %zu known answers, %ld failures\n", sizeof kKnown / sizeof kKnown[0],
              failures);
  return failures == 0 ? 0 : 1;
}
