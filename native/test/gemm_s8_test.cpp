// Tests of ternion::s8: every kernel that this CPU runs, and the AVX-512 VNNI kernel emulated by SIMDe where its header
// is installed, against an int64 triple loop. Prints a summary; exits with 1 after a failure.

#include "../cpu/s8/gemm_s8.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "../cpu/s8/gemm_s8_internal.h"

#if __has_include(<simde/x86/avx512.h>)
#define TERNION_SIMDE
#include "../cpu/s8/gemm_s8_avx512vnni.cpp"
#endif

namespace s8 = ternion::s8;

namespace {

struct Isa {
  std::string name;
  s8::Kernel kernel;
};

std::vector<Isa> kernels() {
  std::vector<Isa> all{{"portable", s8::compute_portable}};
  if (s8::isa_available(s8::Isa::avx2)) all.push_back({"avx2", s8::kernel_avx2()});
  if (s8::isa_available(s8::Isa::avx512vnni)) all.push_back({"avx512vnni", s8::kernel_avx512vnni()});
#if defined(TERNION_SIMDE)
  all.push_back({"avx512vnni-emulated", s8::emulated_avx512vnni()});
#endif
  return all;
}

long checks = 0;
long failures = 0;
std::mt19937 randomness(20240607);

void check(bool good, const std::string& isa, const char* what, int64_t m, int64_t n, int64_t k) {
  ++checks;
  if (good) return;
  if (++failures <= 20) std::fprintf(stderr, "FAIL %s %s %ldx%ldx%ld\n", isa.c_str(), what, long(m), long(n), long(k));
}

enum class Fill { random, plus, minus, alternating, binary };

struct Case {
  int64_t m, n, k;
  std::vector<int8_t> x, codes;
  std::vector<int32_t> sums;
  std::vector<uint8_t> panel;

  Case(int64_t m_, int64_t n_, int64_t k_, Fill fill) : m(m_), n(n_), k(k_) {
    // Heap blocks of the exact size: a sanitiser sees any read past the end.
    x.resize(static_cast<size_t>(m * k));
    codes.resize(static_cast<size_t>(n * k));
    for (size_t i = 0; i < x.size(); ++i) {
      const int value = static_cast<int>(randomness() % 255) - 127;
      x[i] = static_cast<int8_t>(fill == Fill::plus ? 127 : fill == Fill::minus ? -127
                                 : fill == Fill::alternating ? (i % 2 == 0 ? 127 : -127) : value);
    }
    for (size_t i = 0; i < codes.size(); ++i) {
      const int code = fill == Fill::binary ? static_cast<int>(randomness() % 2) * 2 - 1
                                            : static_cast<int>(randomness() % 3) - 1;
      codes[i] = static_cast<int8_t>(fill == Fill::plus || fill == Fill::minus ? 1
                                     : fill == Fill::alternating ? (i % 2 == 0 ? 1 : -1) : code);
    }
    sums.resize(static_cast<size_t>(m));
    s8::row_sums(sums.data(), x.data(), m, k);
    panel.assign(static_cast<size_t>(s8::panel_bytes(n, k)), 0xEE);
    const int64_t half = n / 128 * 64;  // two threads pack whole panels each
    s8::pack_panel_columns(panel.data(), codes.data(), n, k, half, n);
    s8::pack_panel_columns(panel.data(), codes.data(), n, k, 0, half);
  }

  std::vector<int64_t> naive(int64_t k_begin, int64_t k_end) const {
    std::vector<int64_t> acc(static_cast<size_t>(m * n));
    for (int64_t i = 0; i < m; ++i) {
      for (int64_t j = 0; j < n; ++j) {
        int64_t sum = 0;
        for (int64_t l = k_begin; l < k_end; ++l) sum += int64_t{x[size_t(i * k + l)]} * codes[size_t(j * k + l)];
        acc[size_t(i * n + j)] = sum;
      }
    }
    return acc;
  }
};

constexpr int64_t kGuard = 64;
constexpr int32_t kSentinel = 0x5EA1CAFE;

struct Block {
  int64_t m0, m1, n0, n1;
  bool holds(int64_t i, int64_t j) const { return i >= m0 && i < m1 && j >= n0 && j < n1; }
};

/** Runs gemm_s32 on a block and compares it with naive; everything else must keep its sentinel. */
void check_integers(const Isa& isa, const Case& c, const std::vector<int64_t>& naive, const std::vector<int32_t>& sums,
                    const Block& b, int64_t k0, int64_t k1, const char* what) {
  std::vector<int32_t> out(static_cast<size_t>(c.m * c.n + 2 * kGuard), kSentinel);
  isa.kernel({nullptr, out.data() + kGuard, c.x.data(), sums.data(), c.panel.data(), b.m0, b.m1, c.n, c.k, b.n0, b.n1,
              k0, k1, {}});
  bool good = true;
  for (int64_t i = -kGuard; i < c.m * c.n + kGuard; ++i) {
    const bool inside = i >= 0 && i < c.m * c.n && b.holds(i / c.n, i % c.n);
    good = good && out[size_t(i + kGuard)] == (inside ? naive[size_t(i)] : int64_t{kSentinel});
  }
  check(good, isa.name, what, c.m, c.n, c.k);
}

/** All stride combinations, with and without bias: the bytes of the formula, and no write outside. */
void check_floats(const Isa& isa, const Case& c, const std::vector<int64_t>& naive, const Block& b) {
  std::vector<float> steps(static_cast<size_t>(c.m)), scales(static_cast<size_t>(c.n)), bias(static_cast<size_t>(c.n));
  std::uniform_real_distribution<float> uniform(-0.1F, 0.1F);
  for (auto* values : {&steps, &scales, &bias}) for (float& value : *values) value = uniform(randomness);
  for (int bits = 0; bits < 8; ++bits) {
    const s8::Epilogue e{steps.data(), bits & 1, scales.data(), (bits >> 1) & 1, (bits & 4) != 0 ? bias.data() : nullptr};
    std::vector<float> out(static_cast<size_t>(c.m * c.n + 2 * kGuard), -7.25F), expected = out;
    isa.kernel({out.data() + kGuard, nullptr, c.x.data(), c.sums.data(), c.panel.data(), b.m0, b.m1, c.n, c.k, b.n0,
                b.n1, 0, c.k, e});
    for (int64_t i = b.m0; i < b.m1; ++i) {
      for (int64_t j = b.n0; j < b.n1; ++j) {
        const volatile float scale = e.x_step[i * e.x_stride] * e.w_scale[j * e.w_stride];
        const volatile float scaled = static_cast<float>(naive[size_t(i * c.n + j)]) * scale;
        expected[size_t(kGuard + i * c.n + j)] = e.bias != nullptr ? scaled + e.bias[j] : scaled;
      }
    }
    check(std::memcmp(out.data(), expected.data(), out.size() * sizeof(float)) == 0, isa.name, "epilogue", c.m, c.n, c.k);
  }
}

void check_case(const std::vector<Isa>& isas, int64_t m, int64_t n, int64_t k, Fill fill) {
  const Case c(m, n, k, fill);
  const std::vector<int64_t> naive = c.naive(0, k);
  const Block all{0, m, 0, n};
  const int64_t n0 = n > 64 ? static_cast<int64_t>(randomness() % uint64_t((n - 1) / 64 + 1)) * 64 : 0;
  const int64_t m0 = static_cast<int64_t>(randomness() % uint64_t(m));
  const Block part{m0, m0 + 1 + static_cast<int64_t>(randomness() % uint64_t(m - m0)), n0,
                   n0 + 1 + static_cast<int64_t>(randomness() % uint64_t(n - n0))};
  const int64_t k0 = static_cast<int64_t>(randomness() % uint64_t(k)) / 4 * 4;
  const int64_t k1 = randomness() % 2 == 0 ? k : std::min(k, k0 + 4 + static_cast<int64_t>(randomness() % 600) / 4 * 4);
  const std::vector<int64_t> ranged = c.naive(k0, k1);
  std::vector<int32_t> sums(static_cast<size_t>(m));
  s8::row_sums_range(sums.data(), c.x.data(), m, k, k0, k1);
  for (const Isa& isa : isas) {
    check_integers(isa, c, naive, c.sums, all, 0, k, "integers");
    check_integers(isa, c, naive, c.sums, part, 0, k, "block");
    check_integers(isa, c, ranged, sums, part, k0, k1, "k range");
    check_floats(isa, c, naive, part);
  }
}

void check_extremes(const std::vector<Isa>& isas) {
  for (Fill fill : {Fill::plus, Fill::minus, Fill::alternating, Fill::binary}) check_case(isas, 13, 70, 4096, fill);
  const Case plus(7, 65, 4096, Fill::plus), minus(7, 65, 4096, Fill::minus);
  check(plus.naive(0, 4096)[0] == 520192 && minus.naive(0, 4096)[0] == -520192, "naive", "extreme", 7, 65, 4096);
}

void check_panel() {
  const Case c(1, 65, 7, Fill::random);
  bool good = c.panel.size() == 2 * 2 * 256;
  for (size_t i = 0; i < c.panel.size(); ++i) {
    const int64_t n = int64_t(i / 512 * 64 + i % 256 / 4), k = int64_t(i % 512 / 256 * 4 + i % 4);
    good = good && c.panel[i] == (n < c.n && k < c.k ? c.codes[size_t(n * c.k + k)] + 1 : 1);
  }
  check(good, "pack", "layout and padding", 1, 65, 7);
}

/** The public entry points: selection, and gemm and gemm_s32 against the portable kernel. */
void check_public() {
  const Case c(33, 129, 100, Fill::random);
  const float step = 0.01F, scale = 0.7F;
  const s8::Epilogue e{&step, 0, &scale, 0, nullptr};
  std::vector<float> expected(size_t(c.m * c.n)), y(expected.size());
  std::vector<int32_t> acc(expected.size());
  const std::vector<int64_t> naive = c.naive(0, c.k);
  for (s8::Isa isa : {s8::Isa::portable, s8::Isa::avx2, s8::Isa::avx512vnni}) {
    const std::string before = s8::isa_name();
    const bool selected = s8::select_isa(isa);
    check(selected == s8::isa_available(isa), s8::isa_name(), "select", 0, 0, 0);
    if (!selected) {
      check(before == s8::isa_name(), s8::isa_name(), "selection kept", 0, 0, 0);
      continue;
    }
    s8::gemm(y.data(), c.x.data(), c.sums.data(), c.panel.data(), 0, c.m, c.n, c.k, 0, c.n, e);
    s8::gemm_s32(acc.data(), c.x.data(), c.sums.data(), c.panel.data(), 0, c.m, c.n, c.k, 0, c.n, 0, c.k);
    if (isa == s8::Isa::portable) expected = y;
    check(expected == y, s8::isa_name(), "gemm", c.m, c.n, c.k);
    check(std::vector<int64_t>(acc.begin(), acc.end()) == naive, s8::isa_name(), "gemm_s32", c.m, c.n, c.k);
  }
}

}  // namespace

int main() {
  std::printf("selected: %s\n", s8::isa_name());
  const std::vector<Isa> isas = kernels();
  const int64_t sizes[] = {1, 2, 3, 4, 5, 6, 7, 31, 33, 63, 64, 65, 100, 129, 200, 257, 261};
  const auto pick = [&] { return sizes[randomness() % std::size(sizes)]; };
  for (int64_t size : sizes) {
    check_case(isas, size, 64, 64, Fill::random);
    check_case(isas, 5, size, 33, Fill::random);
    check_case(isas, 7, 65, size, Fill::binary);
    check_case(isas, size, size, size, Fill::random);
  }
  for (int i = 0; i < 150; ++i) check_case(isas, pick(), pick(), pick(), Fill::random);
  for (int64_t k : {252, 255, 256, 257, 260, 511, 512, 513, 1023}) check_case(isas, 9, 40, k, Fill::plus);
  check_extremes(isas);
  check_panel();
  check_public();
  std::string names;
  for (const Isa& isa : isas) names += " " + isa.name;
  std::printf("gemm_s8: %ld checks, %ld failures;%s\n", checks, failures, names.c_str());
  return failures == 0 ? 0 : 1;
}
