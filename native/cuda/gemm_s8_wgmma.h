// The product of two matrices of s8 codes on compute capability 9.0.
#pragma once
#include "codes.h"
#include "cuda_backend.h"
#include "product_epilogue.h"

namespace ternion {

/// y[m,n] from rows of `row_codes` Codes: the bytes of product_of_codes.
void wgmma_of_codes(CudaBackend& backend, const char* name, Global<float> y, Global<const Codes> x, Global<const Codes> w,
                    const Epilogue& epilogue, int64_t m, int64_t n, int64_t row_codes);

}  // namespace ternion
