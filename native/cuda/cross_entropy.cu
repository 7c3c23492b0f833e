// Cross entropies of logits: against a teacher's distribution and against labels. One warp a row; sums run in the order of
// the classes, then in the order of the rows.
#include <cmath>

#include "chunked_sum.h"
#include "ternion/math.h"

namespace ternion {
namespace {

/// Maximum and log of the sum of exponentials of a row: softmax = exp(z - top - log_sum). Made by a whole warp.
struct RowNorm {
  float top, log_sum;
  __device__ RowNorm(Global<const float> z, int64_t begin, int64_t classes) {
    top = warp_max<float>(begin, begin + classes, -INFINITY, [&](int64_t i) { return z[i]; });
    log_sum = log_r(ordered_sum<float>(classes, [&](int64_t c) { return exp_r(z[begin + c] - top); }));
  }
  __device__ float log_prob(float z) const { return (z - top) - log_sum; }
  __device__ float prob(float z) const { return exp_r(log_prob(z)); }
};

__device__ bool outside(int32_t label, int64_t classes) { return label < 0 || label >= classes; }

/// Records the label of a row, which lies outside, unless that of an earlier row does too. By a whole warp.
__device__ void record_label(Global<FaultRecord> fault, Global<const int32_t> labels, int64_t row, int64_t classes) {
  bool earlier = false;
  for (int64_t i = lane_index(); i < row; i += 32) earlier = earlier || outside(labels[i], classes);
  const bool first = __ballot_sync(kAllLanes, earlier) == 0;
  if (first && lane_index() == 0) record_fault(fault, FaultKind::kLabel, labels[row], row, classes);
}

/// sums[row] = -<softmax(t), log softmax(z)>.
__global__ void soft_losses(Global<double> sums, Global<const float> z, Global<const float> t, int64_t rows, int64_t classes) {
  const int64_t row = warp_index();
  if (row >= rows) return;
  const int64_t begin = row * classes;
  const RowNorm student(z, begin, classes), teacher(t, begin, classes);
  const float sum = ordered_sum<float>(classes, [&](int64_t c) {
    return -(teacher.prob(t[begin + c]) * student.log_prob(z[begin + c]));
  });
  if (lane_index() == 0) sums[row] = static_cast<double>(sum);
}

__global__ void soft_gradient(Global<float> dz, Global<const float> z, Global<const float> t, int64_t rows, int64_t classes,
                              float factor, bool accumulate) {
  const int64_t row = warp_index();
  if (row >= rows) return;
  const int64_t begin = row * classes;
  const RowNorm student(z, begin, classes), teacher(t, begin, classes);
  for (int64_t i = begin + lane_index(); i < begin + classes; i += 32) {
    const float value = factor * (student.prob(z[i]) - teacher.prob(t[i]));
    dz[i] = accumulate ? dz[i] + value : value;
  }
}

/// sums[row] = -log softmax(z)[label]; NaN for a label outside.
__global__ void label_losses(Global<double> sums, Global<const float> z, Global<const int32_t> labels, int64_t rows, int64_t classes,
                             Global<FaultRecord> fault) {
  const int64_t row = warp_index();
  if (row >= rows) return;
  const int32_t label = labels[row];
  float log_prob = bits_float(TERNION_NAN_BITS);
  if (outside(label, classes)) record_label(fault, labels, row, classes);
  else log_prob = RowNorm(z, row * classes, classes).log_prob(z[row * classes + label]);
  if (lane_index() == 0) sums[row] = -static_cast<double>(log_prob);
}

/// The gradient of a row whose label lies outside is 0.
__global__ void label_gradient(Global<float> dz, Global<const float> z, Global<const int32_t> labels, int64_t rows, int64_t classes,
                               float factor, bool accumulate, Global<FaultRecord> fault) {
  const int64_t row = warp_index();
  if (row >= rows) return;
  const int64_t begin = row * classes;
  const int32_t label = labels[row];
  const bool wrong = outside(label, classes);
  if (wrong) record_label(fault, labels, row, classes);
  const RowNorm norm(z, begin, classes);
  for (int64_t c = lane_index(); c < classes; c += 32) {
    const float value = wrong ? 0 : factor * (norm.prob(z[begin + c]) - (c == label ? 1.0f : 0.0f));
    dz[begin + c] = accumulate ? dz[begin + c] + value : value;
  }
}

}  // namespace

void CudaBackend::soft_cross_entropy_forward(Buffer& loss, int64_t slot, const Buffer& z, const Buffer& t, int64_t rows, int64_t classes, double denominator) {
  const auto zs = reals(z, rows * classes, "soft_cross_entropy z"), ts = reals(t, rows * classes, "soft_cross_entropy t");
  const auto to = f64_slot(loss, slot, "soft_cross_entropy loss");
  const Scratch scratch(*this, F64, rows);
  const auto sums = doubles(*scratch, rows, "soft_cross_entropy");
  launch(warp_each("soft_cross_entropy_forward", rows), soft_losses, sums, zs, ts, rows, classes);
  write_sum(*this, "soft_cross_entropy_forward", to, slot, sums, rows, denominator);
}

void CudaBackend::soft_cross_entropy_backward(Buffer& dz, const Buffer& z, const Buffer& t, int64_t rows, int64_t classes, double denominator, double weight, bool accumulate) {
  const auto dzs = reals(dz, rows * classes, "soft_cross_entropy dz");
  const auto zs = reals(z, rows * classes, "soft_cross_entropy z"), ts = reals(t, rows * classes, "soft_cross_entropy t");
  launch(warp_each("soft_cross_entropy_backward", rows), soft_gradient, dzs, zs, ts, rows, classes,
         static_cast<float>(weight / denominator), accumulate);
}

void CudaBackend::cross_entropy_forward(Buffer& loss, int64_t slot, const Buffer& z, const Buffer& labels, int64_t rows, int64_t classes) {
  const auto zs = reals(z, rows * classes, "cross_entropy z");
  const auto ls = ints(labels, rows, "cross_entropy labels");
  const auto to = f64_slot(loss, slot, "cross_entropy loss");
  const Scratch scratch(*this, F64, rows);
  const auto sums = doubles(*scratch, rows, "cross_entropy");
  launch(warp_each("cross_entropy_forward", rows), label_losses, sums, zs, ls, rows, classes, fault_.record());
  write_sum(*this, "cross_entropy_forward", to, slot, sums, rows, static_cast<double>(rows));
}

void CudaBackend::cross_entropy_backward(Buffer& dz, const Buffer& z, const Buffer& labels, int64_t rows, int64_t classes, double weight, bool accumulate) {
  const auto dzs = reals(dz, rows * classes, "cross_entropy dz");
  const auto zs = reals(z, rows * classes, "cross_entropy z");
  const auto ls = ints(labels, rows, "cross_entropy labels");
  launch(warp_each("cross_entropy_backward", rows), label_gradient, dzs, zs, ls, rows, classes,
         static_cast<float>(weight / static_cast<double>(rows)), accumulate, fault_.record());
}

}  // namespace ternion
