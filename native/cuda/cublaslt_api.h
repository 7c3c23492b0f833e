// What is used of cuBLASLt's interface. CudaLibrariesTest compares the values with those of the JavaCPP preset of CUDA.
#pragma once
#include <cstddef>
#include <cstdint>

namespace ternion {

enum : int32_t {
  CUBLAS_STATUS_SUCCESS = 0,
  CUBLAS_STATUS_NOT_SUPPORTED = 15,
  CUBLAS_OP_N = 0,
  CUBLAS_OP_T = 1,
  CUBLAS_COMPUTE_32F = 68,
  CUBLAS_COMPUTE_32F_PEDANTIC = 69,
  CUDA_R_32F = 0,
  CUDA_R_16BF = 14,
  CUBLASLT_POINTER_MODE_DEVICE = 1,
  CUBLASLT_MATMUL_DESC_POINTER_MODE = 2,
  CUBLASLT_MATMUL_DESC_TRANSA = 3,
  CUBLASLT_MATMUL_DESC_TRANSB = 4,
  CUBLASLT_MATMUL_DESC_EPILOGUE = 7,
  CUBLASLT_MATMUL_DESC_BIAS_POINTER = 8,
  CUBLASLT_EPILOGUE_BIAS = 4,
  CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES = 1,
  CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK = 3,
  CUBLASLT_REDUCTION_SCHEME_NONE = 0,
  CUBLASLT_ALGO_CONFIG_ID = 0,
  CUBLASLT_ALGO_CONFIG_TILE_ID = 1,
  CUBLASLT_ALGO_CONFIG_SPLITK_NUM = 2,
  CUBLASLT_ALGO_CONFIG_REDUCTION_SCHEME = 3,
  CUBLASLT_ALGO_CONFIG_STAGES_ID = 6,
};

/// cublasLtMatmulAlgo_t.
struct CublasLtAlgo {
  uint64_t data[8];
};

/// cublasLtMatmulHeuristicResult_t.
struct CublasLtHeuristic {
  CublasLtAlgo algo;
  size_t workspace_bytes;
  int32_t state;
  float waves;
  int32_t reserved[4];
};

/// Handles and descriptors are opaque pointers.
struct CublasLt {
  const char* (*GetStatusName)(int status);
  size_t (*GetVersion)();
  int (*Create)(void** handle);
  int (*Destroy)(void* handle);
  int (*MatmulDescCreate)(void** desc, int32_t compute_type, int32_t scale_type);
  int (*MatmulDescSetAttribute)(void* desc, int32_t attribute, const void* value, size_t bytes);
  int (*MatmulDescDestroy)(void* desc);
  int (*MatrixLayoutCreate)(void** layout, int32_t type, uint64_t rows, uint64_t cols, int64_t leading);
  int (*MatrixLayoutDestroy)(void* layout);
  int (*MatmulPreferenceCreate)(void** preference);
  int (*MatmulPreferenceSetAttribute)(void* preference, int32_t attribute, const void* value, size_t bytes);
  int (*MatmulPreferenceDestroy)(void* preference);
  int (*MatmulAlgoGetHeuristic)(void* handle, void* desc, void* a, void* b, void* c, void* d, void* preference, int wanted,
                                CublasLtHeuristic* results, int* found);
  int (*MatmulAlgoConfigGetAttribute)(const CublasLtAlgo* algo, int32_t attribute, void* value, size_t bytes, size_t* written);
  int (*Matmul)(void* handle, void* desc, const void* alpha, const void* a, void* a_layout, const void* b, void* b_layout,
                const void* beta, const void* c, void* c_layout, void* d, void* d_layout, const CublasLtAlgo* algo,
                void* workspace, size_t workspace_bytes, void* stream);
};

}  // namespace ternion
