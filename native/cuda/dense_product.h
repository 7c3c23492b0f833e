// Dense products of real numbers or of bf16 in device memory: by cuBLASLt where the runtime has it, else by an own kernel.
#pragma once
#include "cuda_backend.h"
#include "dense_library.h"

namespace ternion {

/// c[m,n] (+)= factor op(a) op(b) + bias with sums in f32. bias[n] and factor[1] may be empty.
void dense_product(CudaBackend& backend, Global<float> c, Global<const float> a, Global<const float> b, Global<const float> bias,
                   const DenseProduct& p);
void dense_product(CudaBackend& backend, Global<float> c, Global<const uint16_t> a, Global<const uint16_t> b,
                   Global<const float> bias, Global<const float> factor, const DenseProduct& p);

/// n elements of bf16 for the length of one call.
class Bf16Scratch {
 public:
  Bf16Scratch(CudaBackend& backend, int64_t n) : bytes_(backend, U8, 2 * n), n_(n) {}
  Global<uint16_t> elements() const { return Global<uint16_t>(static_cast<uint16_t*>((*bytes_).data()), n_); }

 private:
  Scratch bytes_;
  int64_t n_;
};

/// y[n] = x[n] rounded to bf16.
void round_to_bf16(CudaBackend& backend, Global<uint16_t> y, Global<const float> x, int64_t n);

}  // namespace ternion
