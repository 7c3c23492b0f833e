// Cross entropies of logits: against a teacher's distribution and against labels. Rows are few, so one thread does all.
#include "cpu_backend.h"
#include "ternion/math.h"

namespace ternion {
namespace TERNION_NS {
namespace {

/// Maximum and log of the sum of exponentials of a row: softmax = exp(z - top - log_sum).
struct RowNorm {
  real top, log_sum;
  RowNorm(const real* z, int64_t classes) {
    top = z[0];
    for (int64_t c = 1; c < classes; ++c) top = z[c] > top ? z[c] : top;
    real sum = 0;
    for (int64_t c = 0; c < classes; ++c) sum += exp_r(z[c] - top);
    log_sum = log_r(sum);
  }
  real log_prob(real z) const { return (z - top) - log_sum; }
  real prob(real z) const { return exp_r(log_prob(z)); }
};

int32_t checked_label(const int32_t* labels, int64_t row, int64_t classes) {
  if (labels[row] < 0 || labels[row] >= classes)
    throw std::invalid_argument("[cross_entropy] label " + std::to_string(labels[row]) + " in row " + std::to_string(row) +
                                " is outside 0 .. " + std::to_string(classes - 1));
  return labels[row];
}

}  // namespace

void CpuBackend::soft_cross_entropy_forward(Buffer& loss, int64_t slot, const Buffer& z, const Buffer& t, int64_t rows, int64_t classes, double denominator) {
  const real *zp = reals(z, rows * classes, "soft_cross_entropy z"), *tp = reals(t, rows * classes, "soft_cross_entropy t");
  double total = 0;
  for (int64_t r = 0; r < rows; ++r) {
    const RowNorm student(zp + r * classes, classes), teacher(tp + r * classes, classes);
    real sum = 0;
    for (int64_t c = 0; c < classes; ++c)
      sum -= teacher.prob(tp[r * classes + c]) * student.log_prob(zp[r * classes + c]);
    total += static_cast<double>(sum);
  }
  f64_slot(loss, slot, "soft_cross_entropy loss") = total / denominator;
}

void CpuBackend::soft_cross_entropy_backward(Buffer& dz, const Buffer& z, const Buffer& t, int64_t rows, int64_t classes, double denominator, double weight, bool accumulate) {
  real* dzp = reals(dz, rows * classes, "soft_cross_entropy dz");
  const real *zp = reals(z, rows * classes, "soft_cross_entropy z"), *tp = reals(t, rows * classes, "soft_cross_entropy t");
  const real factor = static_cast<real>(weight / denominator);
  for (int64_t r = 0; r < rows; ++r) {
    const RowNorm student(zp + r * classes, classes), teacher(tp + r * classes, classes);
    for (int64_t c = r * classes; c < (r + 1) * classes; ++c) {
      const real value = factor * (student.prob(zp[c]) - teacher.prob(tp[c]));
      dzp[c] = accumulate ? dzp[c] + value : value;
    }
  }
}

void CpuBackend::cross_entropy_forward(Buffer& loss, int64_t slot, const Buffer& z, const Buffer& labels, int64_t rows, int64_t classes) {
  const real* zp = reals(z, rows * classes, "cross_entropy z");
  const int32_t* lp = ints(labels, rows, "cross_entropy labels");
  double total = 0;
  for (int64_t r = 0; r < rows; ++r)
    total -= static_cast<double>(RowNorm(zp + r * classes, classes).log_prob(zp[r * classes + checked_label(lp, r, classes)]));
  f64_slot(loss, slot, "cross_entropy loss") = total / static_cast<double>(rows);
}

void CpuBackend::cross_entropy_backward(Buffer& dz, const Buffer& z, const Buffer& labels, int64_t rows, int64_t classes, double weight, bool accumulate) {
  real* dzp = reals(dz, rows * classes, "cross_entropy dz");
  const real* zp = reals(z, rows * classes, "cross_entropy z");
  const int32_t* lp = ints(labels, rows, "cross_entropy labels");
  const real factor = static_cast<real>(weight / static_cast<double>(rows));
  for (int64_t r = 0; r < rows; ++r) {
    const RowNorm norm(zp + r * classes, classes);
    const int32_t label = checked_label(lp, r, classes);
    for (int64_t c = 0; c < classes; ++c) {
      const real value = factor * (norm.prob(zp[r * classes + c]) - (c == label ? real(1) : real(0)));
      real& target = dzp[r * classes + c];
      target = accumulate ? target + value : value;
    }
  }
}

}  // namespace TERNION_NS
}  // namespace ternion
