// The integer product for few rows, where reading the weights takes the time: from bit planes instead of bytes.
#pragma once
#include <vector>

#include "cuda_backend.h"
#include "packed_planes.h"
#include "product_epilogue.h"

namespace ternion {

/// Most rows of x for which bit planes pay. The s8 rate of an H100 over its bandwidth at 4 weights a byte: 1596e12 / 24e12 =
/// 66 rows; above, the tensor cores are the bound and expanding bits only costs. [performance.md 4]
constexpr int64_t kPackedRows = 64;

/// Bytes of a packed weight matrix: rows of codes, then planes.
inline int64_t code_bytes(int64_t n, int64_t k) { return n * padded(k); }
inline int64_t panel_size(int64_t n, int64_t k, bool binary) { return code_bytes(n, k) + plane_bytes(n, k, binary); }

/// A weight matrix to pack: one of the panels is used, `binary` says which.
struct Packing {
  CodeRows w;
  Panel<false> ternary;
  Panel<true> bits;
  int64_t count;  ///< elements of the planes
  bool binary;
};

/// Packing of codes[n,k] into a panel of panel_size(n, k, binary) bytes.
Packing packing(Global<uint8_t> panel, Global<const int8_t> codes, int64_t n, int64_t k, bool binary);

/// Packs all, up to 128 in a launch.
void pack_panels(CudaBackend& backend, const char* name, const std::vector<Packing>& weights);

/// y[m,n] for m <= kPackedRows: the bytes of the product of codes.
void gemm_packed(CudaBackend& backend, Global<float> y, Global<const Codes> x, Global<const uint8_t> panel, const Epilogue& epilogue,
                 int64_t m, int64_t n, int64_t k, bool binary);

}  // namespace ternion
