// What every backend asks of the groups of elements that share a scale in the quantized products. `rows` is m for x and n for w.
#pragma once
#include <cstdint>
#include <stdexcept>
#include <string>

namespace ternion {

/// One scale for an operand [rows,k], or one for each of its rows. Named "x_group" or "w_group", and the rows "m" or "n".
inline void check_tensor_or_row(const char* what, const char* name, int64_t group, const char* rows_name, int64_t rows, int64_t k) {
  if (group != rows * k && group != k)
    throw std::invalid_argument(std::string("[") + what + "] " + name + " " + std::to_string(group) + ": wanted " + rows_name +
                                " k = " + std::to_string(rows * k) + " (per tensor) or k = " + std::to_string(k) + " (per row)");
}

inline void check_groups_s8(int64_t x_group, int64_t w_group, int64_t m, int64_t n, int64_t k) {
  check_tensor_or_row("gemm_s8", "x_group", x_group, "m", m, k);
  if (w_group < 1 || (w_group != n * k && k % w_group != 0))
    throw std::invalid_argument("[gemm_s8] w_group " + std::to_string(w_group) + ": wanted n k, k or a divisor of k = " +
                                std::to_string(k));
}

inline void check_groups_b1(int64_t x_group, int64_t w_group, int64_t m, int64_t n, int64_t k) {
  check_tensor_or_row("gemm_b1", "x_group", x_group, "m", m, k);
  check_tensor_or_row("gemm_b1", "w_group", w_group, "n", n, k);
}

}  // namespace ternion
