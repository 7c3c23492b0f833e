// Transfers between host and device, fills and copies. Reads report what kernels found wrong.
#include "cuda_backend.h"
#include "index.h"

namespace ternion {
namespace {

template <class T>
__global__ void fill(Global<T> x, T value, int64_t n) {
  const int64_t i = thread_index();
  if (i < n) x[i] = value;
}

void check_range(const Buffer& buffer, int64_t offset, int64_t n, const char* what) {
  if (offset < 0 || n < 0 || n > buffer.count() - offset)
    throw std::invalid_argument(std::string("[") + what + "] elements " + std::to_string(offset) + " .. " + std::to_string(offset) +
                                " + " + std::to_string(n) + " do not lie in a buffer of " + std::to_string(buffer.count()));
}

char* place(const Buffer& buffer, int64_t offset) {
  return static_cast<char*>(buffer.data()) + (buffer.count() ? buffer.bytes() / buffer.count() : 0) * offset;
}

template <class To, class From>
std::vector<To> converted(const From* from, int64_t n) {
  std::vector<To> to(static_cast<size_t>(n));
  for (int64_t i = 0; i < n; ++i) to[static_cast<size_t>(i)] = static_cast<To>(from[i]);
  return to;
}

void check_bytes(const Buffer& buffer, const char* what) {
  if (buffer.dtype() != S8 && buffer.dtype() != U8) throw std::invalid_argument(std::string("[") + what + "] wants an S8 or U8 buffer");
}

}  // namespace

void CudaBackend::write_f32(Buffer& dst, int64_t offset, const float* src, int64_t n) {
  check_range(dst, offset, n, "write_f32");
  reals(dst, n, "write_f32");
  runtime_->to_device(place(dst, offset), src, static_cast<size_t>(n) * sizeof(float));
}

void CudaBackend::read_f32(float* dst, const Buffer& src, int64_t offset, int64_t n) {
  check_range(src, offset, n, "read_f32");
  reals(src, n, "read_f32");
  fault_.report();
  runtime_->to_host(dst, place(src, offset), static_cast<size_t>(n) * sizeof(float));
}

void CudaBackend::write_f64(Buffer& dst, int64_t offset, const double* src, int64_t n) {
  check_range(dst, offset, n, "write_f64");
  if (dst.dtype() == F64) {
    runtime_->to_device(place(dst, offset), src, static_cast<size_t>(n) * sizeof(double));
  } else {
    const std::vector<float> values = converted<float>(src, n);
    write_f32(dst, offset, values.data(), n);
  }
}

void CudaBackend::read_f64(double* dst, const Buffer& src, int64_t offset, int64_t n) {
  check_range(src, offset, n, "read_f64");
  if (src.dtype() == F64) {
    fault_.report();
    runtime_->to_host(dst, place(src, offset), static_cast<size_t>(n) * sizeof(double));
    return;
  }
  std::vector<float> values(static_cast<size_t>(n));
  read_f32(values.data(), src, offset, n);
  for (int64_t i = 0; i < n; ++i) dst[i] = static_cast<double>(values[static_cast<size_t>(i)]);
}

void CudaBackend::write_s32(Buffer& dst, int64_t offset, const int32_t* src, int64_t n) {
  check_range(dst, offset, n, "write_s32");
  ints(dst, n, "write_s32");
  runtime_->to_device(place(dst, offset), src, static_cast<size_t>(n) * sizeof(int32_t));
}

void CudaBackend::write_bytes(Buffer& dst, int64_t offset, const int8_t* src, int64_t n) {
  check_range(dst, offset, n, "write_bytes");
  check_bytes(dst, "write_bytes");
  runtime_->to_device(place(dst, offset), src, static_cast<size_t>(n));
}

void CudaBackend::read_bytes(int8_t* dst, const Buffer& src, int64_t offset, int64_t n) {
  check_range(src, offset, n, "read_bytes");
  check_bytes(src, "read_bytes");
  fault_.report();
  runtime_->to_host(dst, place(src, offset), static_cast<size_t>(n));
}

void CudaBackend::set_all(Buffer& x, double value) {
  const int64_t n = x.count();
  if (x.dtype() == F64) launch(each("set_all", n), fill<double>, doubles(x, n, "set_all"), value, n);
  else if (x.dtype() == S32) launch(each("set_all", n), fill<int32_t>, ints(x, n, "set_all"), static_cast<int32_t>(value), n);
  else launch(each("set_all", n), fill<float>, reals(x, n, "set_all"), static_cast<float>(value), n);
}

void CudaBackend::copy(Buffer& y, const Buffer& x) {
  if (y.dtype() != x.dtype() || y.count() != x.count())
    throw std::invalid_argument("[copy] source has " + std::to_string(x.count()) + " elements, target " + std::to_string(y.count()) +
                                ": types and counts must agree");
  if (x.bytes() > 0) runtime_->copy(y.data(), x.data(), static_cast<size_t>(x.bytes()));
}

}  // namespace ternion
