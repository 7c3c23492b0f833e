// Transfers between host memory and buffers, fill and copy.
#include "cpu_backend.h"

namespace ternion {
namespace TERNION_NS {
namespace {

void range(const Buffer& buffer, int64_t offset, int64_t n, const char* what) {
  if (offset < 0 || n < 0 || offset + n > buffer.count())
    throw std::invalid_argument(std::string("[") + what + "] range " + std::to_string(offset) + " .. " +
                                std::to_string(offset + n) + " is outside a buffer of " +
                                std::to_string(buffer.count()) + " elements");
}

template <class To, class From>
void convert(To* dst, const From* src, int64_t n) {
  for (int64_t i = 0; i < n; ++i) dst[i] = static_cast<To>(src[i]);
}

}  // namespace

void CpuBackend::write_f32(Buffer& dst, int64_t offset, const float* src, int64_t n) {
  range(dst, offset, n, "write_f32");
  convert(reals(dst, n, "write_f32") + offset, src, n);
}

void CpuBackend::read_f32(float* dst, const Buffer& src, int64_t offset, int64_t n) {
  range(src, offset, n, "read_f32");
  convert(dst, reals(src, n, "read_f32") + offset, n);
}

void CpuBackend::write_f64(Buffer& dst, int64_t offset, const double* src, int64_t n) {
  range(dst, offset, n, "write_f64");
  if (dst.dtype() == F64) convert(doubles(dst, n, "write_f64") + offset, src, n);
  else convert(reals(dst, n, "write_f64") + offset, src, n);
}

void CpuBackend::read_f64(double* dst, const Buffer& src, int64_t offset, int64_t n) {
  range(src, offset, n, "read_f64");
  if (src.dtype() == F64) convert(dst, doubles(src, n, "read_f64") + offset, n);
  else convert(dst, reals(src, n, "read_f64") + offset, n);
}

void CpuBackend::write_s32(Buffer& dst, int64_t offset, const int32_t* src, int64_t n) {
  range(dst, offset, n, "write_s32");
  convert(ints(dst, n, "write_s32") + offset, src, n);
}

void CpuBackend::write_bytes(Buffer& dst, int64_t offset, const int8_t* src, int64_t n) {
  range(dst, offset, n, "write_bytes");
  if (dst.dtype() != S8 && dst.dtype() != U8) throw std::invalid_argument("[write_bytes] wants an S8 or U8 buffer");
  std::memcpy(static_cast<int8_t*>(dst.data()) + offset, src, static_cast<size_t>(n));
}

void CpuBackend::read_bytes(int8_t* dst, const Buffer& src, int64_t offset, int64_t n) {
  range(src, offset, n, "read_bytes");
  if (src.dtype() != S8 && src.dtype() != U8) throw std::invalid_argument("[read_bytes] wants an S8 or U8 buffer");
  std::memcpy(dst, static_cast<const int8_t*>(src.data()) + offset, static_cast<size_t>(n));
}

void CpuBackend::set_all(Buffer& x, double value) {
  const int64_t n = x.count();
  if (x.dtype() == F64) {
    double* p = doubles(x, n, "set_all");
    for (int64_t i = 0; i < n; ++i) p[i] = value;
    return;
  }
  if (x.dtype() == S32) {
    int32_t* p = ints(x, n, "set_all");
    for (int64_t i = 0; i < n; ++i) p[i] = static_cast<int32_t>(value);
    return;
  }
  real* p = reals(x, n, "set_all");
  parallel(n, 1 << 16, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) p[i] = static_cast<real>(value);
  });
}

void CpuBackend::copy(Buffer& y, const Buffer& x) {
  if (y.dtype() != x.dtype() || y.count() != x.count())
    throw std::invalid_argument("[copy] source has " + std::to_string(x.count()) + " elements, target " +
                                std::to_string(y.count()) + ": types and counts must agree");
  std::memcpy(y.data(), x.data(), static_cast<size_t>(x.bytes()));
}

}  // namespace TERNION_NS
}  // namespace ternion
