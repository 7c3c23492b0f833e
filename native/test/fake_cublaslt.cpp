// A stand-in for libcublasLt.so.13 in tests: column-major products of f32 or bf16 in plain loops on host memory, as the
// library's documentation describes them, with its bias epilogue, and counts of calls. Products with m = 13 are refused, those with m = 14 fail.
#include <cstdint>
#include <cstring>
#include <initializer_list>

#include "cublaslt_api.h"
#include "ternion/bf16.h"

using namespace ternion;

namespace {

struct Desc {
  int32_t compute, scale, op_a = CUBLAS_OP_N, op_b = CUBLAS_OP_N, epilogue = 1, pointers = 0;
  const float* bias = nullptr;
};
struct Matrix {
  int32_t type;
  uint64_t rows, cols;
  int64_t leading;
};
struct Preference {
  uint64_t workspace = 0;
  uint32_t schemes = ~0u;
};

float element(const void* x, const Matrix& m, int32_t op, uint64_t i, uint64_t j) {
  const uint64_t at = op == CUBLAS_OP_T ? j + i * static_cast<uint64_t>(m.leading) : i + j * static_cast<uint64_t>(m.leading);
  return m.type == CUDA_R_16BF ? from_bf16(static_cast<const uint16_t*>(x)[at]) : static_cast<const float*>(x)[at];
}

template <class T>
int take(T& to, const void* value, size_t bytes) {
  if (bytes != sizeof(T)) return 7;
  std::memcpy(&to, value, bytes);
  return 0;
}

int put(void* to, int32_t value) { return std::memcpy(to, &value, sizeof value), 0; }

}  // namespace

#define API extern "C" __attribute__((visibility("default")))

API int searches, matmuls;
int searches = 0, matmuls = 0;

API const char* cublasLtGetStatusName(int status) {
  return status == CUBLAS_STATUS_NOT_SUPPORTED ? "CUBLAS_STATUS_NOT_SUPPORTED" : status == 13 ? "CUBLAS_STATUS_EXECUTION_FAILED" : "unknown";
}
API size_t cublasLtGetVersion() { return 130100; }
API int cublasLtCreate(void** handle) { *handle = new int(1); return 0; }
API int cublasLtDestroy(void* handle) { delete static_cast<int*>(handle); return 0; }
API int cublasLtMatmulDescCreate(void** desc, int32_t compute, int32_t scale) { *desc = new Desc{compute, scale}; return 0; }
API int cublasLtMatmulDescSetAttribute(void* desc, int32_t attribute, const void* value, size_t bytes) {
  auto* d = static_cast<Desc*>(desc);
  switch (attribute) {
    case CUBLASLT_MATMUL_DESC_TRANSA: return take(d->op_a, value, bytes);
    case CUBLASLT_MATMUL_DESC_TRANSB: return take(d->op_b, value, bytes);
    case CUBLASLT_MATMUL_DESC_POINTER_MODE: return take(d->pointers, value, bytes);
    case CUBLASLT_MATMUL_DESC_EPILOGUE: return take(d->epilogue, value, bytes);
    case CUBLASLT_MATMUL_DESC_BIAS_POINTER: return take(d->bias, value, bytes);
    default: return 7;
  }
}
API int cublasLtMatmulDescDestroy(void* desc) { delete static_cast<Desc*>(desc); return 0; }
API int cublasLtMatrixLayoutCreate(void** layout, int32_t type, uint64_t rows, uint64_t cols, int64_t leading) {
  if (leading < static_cast<int64_t>(rows)) return 7;
  *layout = new Matrix{type, rows, cols, leading};
  return 0;
}
API int cublasLtMatrixLayoutDestroy(void* layout) { delete static_cast<Matrix*>(layout); return 0; }
API int cublasLtMatmulPreferenceCreate(void** preference) { *preference = new Preference; return 0; }
API int cublasLtMatmulPreferenceSetAttribute(void* preference, int32_t attribute, const void* value, size_t bytes) {
  auto* p = static_cast<Preference*>(preference);
  if (attribute == CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES && bytes == 8) return std::memcpy(&p->workspace, value, 8), 0;
  if (attribute == CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK && bytes == 4) return std::memcpy(&p->schemes, value, 4), 0;
  return 7;
}
API int cublasLtMatmulPreferenceDestroy(void* preference) { delete static_cast<Preference*>(preference); return 0; }
API int cublasLtMatmulAlgoGetHeuristic(void*, void*, void* a, void*, void* c, void*, void* preference, int wanted, CublasLtHeuristic* results, int* found) {
  ++searches;
  auto* p = static_cast<Preference*>(preference);
  *found = 0;
  if (wanted < 1 || p->schemes != CUBLASLT_REDUCTION_SCHEME_NONE || static_cast<Matrix*>(c)->cols == 13) return 0;
  results[0] = {};
  results[0].algo.data[0] = 42;
  results[0].algo.data[2] = static_cast<uint64_t>(static_cast<Matrix*>(a)->type);
  results[0].algo.data[1] = results[0].workspace_bytes = p->workspace;
  *found = 1;
  return 0;
}
/// Tile 20, or 15 for the algorithm of products of bf16, which has no stages.
API int cublasLtMatmulAlgoConfigGetAttribute(const CublasLtAlgo* algo, int32_t attribute, void* value, size_t bytes, size_t* written) {
  if (algo->data[0] != 42 || bytes != 4) return 7;
  *written = 4;
  const bool bf16 = algo->data[2] == CUDA_R_16BF;
  switch (attribute) {
    case CUBLASLT_ALGO_CONFIG_ID: return put(value, 66);
    case CUBLASLT_ALGO_CONFIG_TILE_ID: return put(value, bf16 ? 15 : 20);
    case CUBLASLT_ALGO_CONFIG_STAGES_ID: return bf16 ? 7 : put(value, 36);
    case CUBLASLT_ALGO_CONFIG_SPLITK_NUM: return put(value, 1);
    case CUBLASLT_ALGO_CONFIG_REDUCTION_SCHEME: return put(value, CUBLASLT_REDUCTION_SCHEME_NONE);
    default: return 7;
  }
}
API int cublasLtMatmul(void*, void* desc, const void* alpha, const void* a, void* a_layout, const void* b, void* b_layout, const void* beta,
                       const void* c, void* c_layout, void* d, void* d_layout, const CublasLtAlgo* algo, void* workspace, size_t bytes, void*) {
  const auto& how = *static_cast<Desc*>(desc);
  const auto &ma = *static_cast<Matrix*>(a_layout), &mb = *static_cast<Matrix*>(b_layout), &mc = *static_cast<Matrix*>(c_layout), &md = *static_cast<Matrix*>(d_layout);
  ++matmuls;
  if (md.cols == 14) return 13;
  const uint64_t k = how.op_a == CUBLAS_OP_T ? ma.rows : ma.cols;
  if (algo->data[0] != 42 || bytes < algo->data[1] || how.scale != CUDA_R_32F) return 7;
  const bool bf16 = how.compute == CUBLAS_COMPUTE_32F;
  if (!bf16 && how.compute != CUBLAS_COMPUTE_32F_PEDANTIC) return 7;
  if (how.epilogue != 1 && (how.epilogue != CUBLASLT_EPILOGUE_BIAS || !how.bias)) return 7;
  if (bytes > 0) static_cast<char*>(workspace)[bytes - 1] = 0;
  for (const Matrix* x : {&ma, &mb})
    if (x->type != (bf16 ? CUDA_R_16BF : CUDA_R_32F)) return 7;
  if (mc.type != CUDA_R_32F || md.type != CUDA_R_32F) return 7;
  // The workspace ends where the caller keeps what a device may read: beta of a device is there.
  const bool near = beta >= static_cast<char*>(workspace) + bytes && beta < static_cast<char*>(workspace) + bytes + 8;
  if (near != (how.pointers == CUBLASLT_POINTER_MODE_DEVICE)) return 7;
  if ((how.op_a == CUBLAS_OP_T ? ma.cols : ma.rows) != md.rows || (how.op_b == CUBLAS_OP_T ? mb.rows : mb.cols) != md.cols ||
      (how.op_b == CUBLAS_OP_T ? mb.cols : mb.rows) != k || mc.rows != md.rows || mc.cols != md.cols)
    return 7;
  for (uint64_t j = 0; j < md.cols; ++j)
    for (uint64_t i = 0; i < md.rows; ++i) {
      float sum = 0;
      for (uint64_t l = 0; l < k; ++l)
        sum += element(a, ma, how.op_a, i, l) * element(b, mb, how.op_b, l, j);
      const float before = *static_cast<const float*>(beta) == 0 ? 0 : *static_cast<const float*>(beta) * static_cast<const float*>(c)[i + j * static_cast<uint64_t>(mc.leading)];
      const float shift = how.epilogue == CUBLASLT_EPILOGUE_BIAS ? how.bias[i] : 0;
      static_cast<float*>(d)[i + j * static_cast<uint64_t>(md.leading)] = *static_cast<const float*>(alpha) * sum + before + shift;
    }
  return 0;
}
