// Packing of bits and the choice of the kernel. See gemm_b1.h.

#include "gemm_b1.h"

#include <cstdlib>
#include <cstring>

#include "gemm_b1_internal.h"
#include "ternion/processor.h"

namespace ternion::b1 {
namespace {

bool cpu_has(Isa isa) {
  switch (isa) {
    case Isa::avx512vpopcntdq: return has_avx512vpopcntdq();
    case Isa::avx2: return has_avx2();
    case Isa::portable: break;
  }
  return true;
}

Kernel kernel_of(Isa isa) {
  if (!cpu_has(isa)) return nullptr;
  switch (isa) {
    case Isa::avx512vpopcntdq: return kernel_avx512vpopcntdq();
    case Isa::avx2: return kernel_avx2();
    case Isa::portable: break;
  }
  return compute_portable;
}

/** The s8 product's choice also says which of these: an unknown name is reported there. */
Isa choose() {
  const char* wanted = std::getenv("TERNION_ISA");
  const bool portable = wanted != nullptr && std::strcmp(wanted, "portable") == 0;
  const bool avx2 = wanted != nullptr && std::strcmp(wanted, "avx2") == 0;
  if (!portable && !avx2 && kernel_of(Isa::avx512vpopcntdq) != nullptr) return Isa::avx512vpopcntdq;
  return !portable && kernel_of(Isa::avx2) != nullptr ? Isa::avx2 : Isa::portable;
}

Isa selected() {
  static const Isa isa = choose();
  return isa;
}

/** Bits of up to 8 codes: the sign bits of their bytes gathered by a multiplication, inverted. */
uint32_t eight_bits(const int8_t* codes, int64_t count) {
  uint64_t bytes = ~uint64_t{0};  // -1 beyond the end: bit 0
  std::memcpy(&bytes, codes, static_cast<size_t>(count));
  const uint64_t ones = ~bytes >> 7 & 0x0101010101010101U;
  return static_cast<uint32_t>(ones * 0x0102040810204080U >> 56);
}

uint32_t word_of(const int8_t* codes, int64_t count) {
  uint32_t word = 0;
  for (int64_t i = 0; i < count && i < kWord; i += 8) word |= eight_bits(codes + i, count - i < 8 ? count - i : 8) << i;
  return word;
}

}  // namespace

int64_t words(int64_t rows, int64_t k) { return (rows + kRows - 1) / kRows * kRows * ((k + kWord - 1) / kWord); }

void pack_rows(uint32_t* bits, int32_t* counts, const int8_t* codes, int64_t rows, int64_t k, int64_t row_begin, int64_t row_end) {
  const int64_t steps = (k + kWord - 1) / kWord;
  for (int64_t first = row_begin; first < row_end; first += kRows) {
    uint32_t* out = bits + first * steps;
    for (int64_t j = 0; j < kRows; ++j) {
      int32_t count = 0;
      for (int64_t s = 0; s < steps; ++s) {
        const uint32_t word = first + j < rows ? word_of(codes + (first + j) * k + s * kWord, k - s * kWord) : 0;
        out[s * kRows + j] = word;
        count += __builtin_popcount(word);
      }
      if (first + j < rows) counts[first + j] = count;
    }
  }
}

void gemm(float* y, const Matrix& x, const Matrix& w, int64_t m_begin, int64_t m_end, int64_t n, int64_t k, int64_t n_begin,
          int64_t n_end, const s8::Epilogue& epilogue) {
  kernel_of(selected())({y, x, w, m_begin, m_end, n, k, n_begin, n_end, epilogue});
}

bool isa_available(Isa isa) { return kernel_of(isa) != nullptr; }

const char* isa_name() {
  switch (selected()) {
    case Isa::avx512vpopcntdq: return "avx512vpopcntdq";
    case Isa::avx2: return "avx2";
    case Isa::portable: break;
  }
  return "portable";
}

}  // namespace ternion::b1
