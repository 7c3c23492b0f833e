// Packing, row sums and the choice of the kernel. See gemm_s8.h.

#include "gemm_s8.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "gemm_s8_internal.h"
#include "ternion/processor.h"

namespace ternion::s8 {
namespace {

constexpr Isa kBestFirst[] = {Isa::avx512vnni, Isa::avx2, Isa::portable};

const char* name_of(Isa isa) {
  switch (isa) {
    case Isa::avx512vnni: return "avx512vnni";
    case Isa::avx2: return "avx2";
    case Isa::portable: break;
  }
  return "portable";
}

bool cpu_has(Isa isa) {
  switch (isa) {
    case Isa::avx512vnni: return has_avx512vnni();
    case Isa::avx2: return has_avx2();
    case Isa::portable: break;
  }
  return true;
}

/** The kernel of isa, or null when this build or this CPU lacks it. */
Kernel kernel_of(Isa isa) {
  if (!cpu_has(isa)) return nullptr;
  switch (isa) {
    case Isa::avx512vnni: return kernel_avx512vnni();
    case Isa::avx2: return kernel_avx2();
    case Isa::portable: break;
  }
  return compute_portable;
}

Isa default_isa() {
  if (const char* wanted = std::getenv("TERNION_ISA"); wanted != nullptr && *wanted != '\0') {
    for (Isa isa : kBestFirst) {
      if (std::strcmp(wanted, name_of(isa)) == 0 && kernel_of(isa) != nullptr) return isa;
    }
    std::fprintf(stderr, "ternion: TERNION_ISA=%s is unknown or not available here; ignored\n", wanted);
  }
  for (Isa isa : kBestFirst) {
    if (kernel_of(isa) != nullptr) return isa;
  }
  return Isa::portable;
}

std::atomic<Isa>& selected() {
  static std::atomic<Isa> isa{default_isa()};
  return isa;
}

/** u = code + 1 in each of four bytes, without a carry from one to the next. */
uint32_t add_one_bytes(uint32_t codes) {
  return ((codes & 0x7f7f7f7fU) + 0x01010101U) ^ (codes & 0x80808080U);
}

void compute(const Problem& problem) { kernel_of(selected().load(std::memory_order_relaxed))(problem); }

}  // namespace

int64_t panel_bytes(int64_t n, int64_t k) {
  return (n + kPanelColumns - 1) / kPanelColumns * kPanelColumns * ((k + kStep - 1) / kStep) * kStep;
}

void pack_panel(uint8_t* panel, const int8_t* codes, int64_t n, int64_t k) {
  pack_panel_columns(panel, codes, n, k, 0, n);
}

void pack_panel_columns(uint8_t* panel, const int8_t* codes, int64_t n, int64_t k, int64_t n_begin, int64_t n_end) {
  const int64_t steps = (k + kStep - 1) / kStep;
  constexpr int64_t block = 16;  // steps at a time: one cache line of each of 64 rows, 64 lines of the panel
  for (int64_t n0 = n_begin; n0 < n_end; n0 += kPanelColumns) {
    uint8_t* out = panel + n0 * steps * kStep;
    for (int64_t s0 = 0; s0 < steps; s0 += block) {
      const int64_t s1 = s0 + block < steps ? s0 + block : steps;
      for (int64_t j = 0; j < kPanelColumns; ++j) {
        for (int64_t s = s0; s < s1; ++s) {
          uint32_t word = 0;
          const int8_t* from = codes + (n0 + j) * k + s * kStep;
          if (n0 + j < n && s < k / kStep) std::memcpy(&word, from, kStep);
          else if (n0 + j < n) std::memcpy(&word, from, k - s * kStep);
          word = add_one_bytes(word);
          std::memcpy(out + (s * kPanelColumns + j) * kStep, &word, kStep);
        }
      }
    }
  }
}

void row_sums_range(int32_t* sums, const int8_t* x, int64_t m, int64_t k, int64_t k_begin, int64_t k_end) {
  for (int64_t i = 0; i < m; ++i) {
    int32_t sum = 0;
    for (int64_t j = k_begin; j < k_end; ++j) sum += x[i * k + j];
    sums[i] = sum;
  }
}

void row_sums(int32_t* sums, const int8_t* x, int64_t m, int64_t k) { row_sums_range(sums, x, m, k, 0, k); }

void gemm(float* y, const int8_t* x, const int32_t* x_row_sums, const uint8_t* panel, int64_t m_begin, int64_t m_end,
          int64_t n, int64_t k, int64_t n_begin, int64_t n_end, const Epilogue& epilogue) {
  compute({y, nullptr, x, x_row_sums, panel, m_begin, m_end, n, k, n_begin, n_end, 0, k, epilogue});
}

void gemm_s32(int32_t* acc, const int8_t* x, const int32_t* x_row_sums, const uint8_t* panel, int64_t m_begin,
              int64_t m_end, int64_t n, int64_t k, int64_t n_begin, int64_t n_end, int64_t k_begin, int64_t k_end) {
  compute({nullptr, acc, x, x_row_sums, panel, m_begin, m_end, n, k, n_begin, n_end, k_begin, k_end, {}});
}

bool isa_available(Isa isa) { return kernel_of(isa) != nullptr; }

bool select_isa(Isa isa) {
  if (kernel_of(isa) == nullptr) return false;
  selected().store(isa, std::memory_order_relaxed);
  return true;
}

const char* isa_name() { return name_of(selected().load(std::memory_order_relaxed)); }

}  // namespace ternion::s8
