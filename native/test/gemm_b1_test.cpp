// Tests of ternion::b1: every kernel that this CPU runs, against plain loops over the codes and against the product of the same
// codes as s8. Prints a summary; exits with 1 after a failure.

#include "../cpu/b1/gemm_b1.h"

#include <cstdio>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "../cpu/b1/gemm_b1_internal.h"

namespace b1 = ternion::b1;
namespace s8 = ternion::s8;

namespace {

struct Isa {
  std::string name;
  b1::Kernel kernel;
};

std::vector<Isa> kernels() {
  std::vector<Isa> all{{"portable", b1::compute_portable}};
  if (b1::isa_available(b1::Isa::avx2)) all.push_back({"avx2", b1::kernel_avx2()});
  if (b1::isa_available(b1::Isa::avx512vpopcntdq)) all.push_back({"avx512vpopcntdq", b1::kernel_avx512vpopcntdq()});
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

enum class Fill { random, plus, minus };

/** Codes and their bits, in heap blocks of the exact size: a sanitiser sees any read past the end. */
struct Side {
  std::vector<int8_t> codes;
  std::vector<uint32_t> bits;
  std::vector<int32_t> counts;

  Side(int64_t rows, int64_t k, Fill fill)
      : codes(size_t(rows * k)), bits(size_t(b1::words(rows, k)), 0xEEEEEEEE), counts(size_t(rows), -1) {
    for (int8_t& code : codes) code = fill == Fill::plus || (fill == Fill::random && randomness() % 2 == 0) ? 1 : -1;
    const int64_t half = rows / 32 * 16;  // two threads pack whole blocks each
    b1::pack_rows(bits.data(), counts.data(), codes.data(), rows, k, half, rows);
    b1::pack_rows(bits.data(), counts.data(), codes.data(), rows, k, 0, half);
  }
  b1::Matrix matrix() const { return {bits.data(), counts.data()}; }
};

int64_t naive(const Side& x, const Side& w, int64_t i, int64_t j, int64_t k) {
  int64_t sum = 0;
  for (int64_t l = 0; l < k; ++l) sum += int64_t{x.codes[size_t(i * k + l)]} * w.codes[size_t(j * k + l)];
  return sum;
}

/** The bytes of the s8 product of the same codes. */
std::vector<float> product_of_codes(const Side& x, const Side& w, int64_t m, int64_t n, int64_t k, const s8::Epilogue& e) {
  std::vector<int32_t> sums(static_cast<size_t>(m));
  std::vector<uint8_t> panel(size_t(s8::panel_bytes(n, k)));
  std::vector<float> y(size_t(m * n));
  s8::row_sums(sums.data(), x.codes.data(), m, k);
  s8::pack_panel(panel.data(), w.codes.data(), n, k);
  s8::gemm(y.data(), x.codes.data(), sums.data(), panel.data(), 0, m, n, k, 0, n, e);
  return y;
}

constexpr size_t kGuard = 64;

void check_case(const std::vector<Isa>& isas, int64_t m, int64_t n, int64_t k, Fill fill) {
  const Side x(m, k, fill), w(n, k, fill == Fill::minus ? Fill::plus : fill);
  std::vector<float> steps(static_cast<size_t>(m)), scales(static_cast<size_t>(n)), bias(static_cast<size_t>(n));
  std::uniform_real_distribution<float> uniform(-0.1F, 0.1F);
  for (auto* values : {&steps, &scales, &bias}) for (float& value : *values) value = uniform(randomness);
  const int64_t m0 = int64_t(randomness() % uint64_t(m)), m1 = m0 + 1 + int64_t(randomness() % uint64_t(m - m0));
  const int64_t n0 = n > 64 ? int64_t(randomness() % uint64_t((n - 1) / 64 + 1)) * 64 : 0;
  const int64_t n1 = n0 + 1 + int64_t(randomness() % uint64_t(n - n0));
  bool exact = true;
  for (int64_t i = m0; i < m1; ++i)
    for (int64_t j = n0; j < n1; ++j) exact = exact && b1::dot(x.matrix(), w.matrix(), i, j, k) == naive(x, w, i, j, k);
  check(exact, "portable", "dot", m, n, k);
  for (int bits = 0; bits < 8; ++bits) {
    const s8::Epilogue e{steps.data(), bits & 1, scales.data(), (bits >> 1) & 1, (bits & 4) != 0 ? bias.data() : nullptr};
    const std::vector<float> wanted = product_of_codes(x, w, m, n, k, e);
    for (const Isa& isa : isas) {
      std::vector<float> out(size_t(m * n) + 2 * kGuard, -7.25F), expected = out;
      for (int64_t i = m0; i < m1; ++i)
        std::memcpy(&expected[kGuard + size_t(i * n + n0)], &wanted[size_t(i * n + n0)], size_t(n1 - n0) * sizeof(float));
      isa.kernel({out.data() + kGuard, x.matrix(), w.matrix(), m0, m1, n, k, n0, n1, e});
      check(std::memcmp(out.data(), expected.data(), out.size() * sizeof(float)) == 0, isa.name, "block", m, n, k);
    }
  }
}

void check_layout() {
  const Side c(17, 33, Fill::random);
  bool good = c.bits.size() == 2 * 2 * 16;
  for (size_t i = 0; i < c.bits.size(); ++i) {
    const int64_t r = int64_t(i / 32 * 16 + i % 16), first = int64_t(i % 32 / 16 * 32);
    uint32_t word = 0;
    for (int64_t k = first; r < 17 && k < 33 && k < first + 32; ++k) word |= uint32_t{c.codes[size_t(r * 33 + k)] == 1} << (k - first);
    good = good && c.bits[i] == word;
  }
  check(good, "pack", "layout and padding", 17, 1, 33);
}

}  // namespace

int main() {
  std::printf("selected: %s\n", b1::isa_name());
  const std::vector<Isa> isas = kernels();
  const int64_t sizes[] = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 129, 200};
  for (int64_t size : sizes) {
    check_case(isas, size, 64, 64, Fill::random);
    check_case(isas, 5, size, 33, Fill::random);
    check_case(isas, 7, 65, size, Fill::random);
    check_case(isas, size, size, size, Fill::random);
  }
  for (int64_t k : {991, 992, 993, 1984, 1985, 4096}) check_case(isas, 6, 70, k, Fill::random);
  for (Fill fill : {Fill::plus, Fill::minus}) check_case(isas, 5, 66, 4096, fill);
  check_layout();
  std::string names;
  for (const Isa& isa : isas) names += " " + isa.name;
  std::printf("gemm_b1: %ld checks, %ld failures;%s\n", checks, failures, names.c_str());
  return failures == 0 ? 0 : 1;
}
