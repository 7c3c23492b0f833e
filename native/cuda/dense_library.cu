// cuBLASLt works on column-major matrices. A row-major c[m,n] is a column-major c^T[n,m], and c^T = op(b)^T op(a)^T: so b is
// the library's first operand, a its second, and nothing is copied. Its bias has one element for each row: the columns of c.
#include "dense_library.h"

#include <dlfcn.h>

#include <stdexcept>

#include "cublaslt_api.h"

namespace ternion {
namespace {

constexpr char kLibrary[] = "libcublasLt.so.13";

template <class F>
void find(void* library, const char* name, F& function) {
  function = reinterpret_cast<F>(dlsym(library, (std::string("cublasLt") + name).c_str()));
  if (!function) throw std::invalid_argument(std::string("[gemm] ") + kLibrary + " has no cublasLt" + name + ": install cuBLAS of CUDA 13");
}

std::unique_ptr<CublasLt> functions() {
  void* library = dlopen(kLibrary, RTLD_NOW | RTLD_NOLOAD);
  if (!library) throw std::invalid_argument(std::string("[gemm] ") + kLibrary + " is not loaded: install cuBLAS of CUDA 13 or use \"cpu\"");
  auto lt = std::make_unique<CublasLt>();
  find(library, "GetStatusName", lt->GetStatusName);
  find(library, "GetVersion", lt->GetVersion);
  find(library, "Create", lt->Create);
  find(library, "Destroy", lt->Destroy);
  find(library, "MatmulDescCreate", lt->MatmulDescCreate);
  find(library, "MatmulDescSetAttribute", lt->MatmulDescSetAttribute);
  find(library, "MatmulDescDestroy", lt->MatmulDescDestroy);
  find(library, "MatrixLayoutCreate", lt->MatrixLayoutCreate);
  find(library, "MatrixLayoutDestroy", lt->MatrixLayoutDestroy);
  find(library, "MatmulPreferenceCreate", lt->MatmulPreferenceCreate);
  find(library, "MatmulPreferenceSetAttribute", lt->MatmulPreferenceSetAttribute);
  find(library, "MatmulPreferenceDestroy", lt->MatmulPreferenceDestroy);
  find(library, "MatmulAlgoGetHeuristic", lt->MatmulAlgoGetHeuristic);
  find(library, "MatmulAlgoConfigGetAttribute", lt->MatmulAlgoConfigGetAttribute);
  find(library, "Matmul", lt->Matmul);
  return lt;
}

void check(const CublasLt& lt, int status, const char* what, const DenseProduct& p) {
  if (status != CUBLAS_STATUS_SUCCESS)
    throw std::runtime_error(std::string("[gemm] cublasLt") + what + " gave status " + std::to_string(status) + " (" +
                             lt.GetStatusName(status) + ") for " + std::to_string(p.m) + " x " + std::to_string(p.n) + " x " +
                             std::to_string(p.k));
}

}  // namespace

/// Descriptors of a shape, and the algorithm.
struct DenseLibrary::Plan {
  const CublasLt& lt;
  const DenseProduct product;
  const bool bias, factor;
  void *desc = nullptr, *first = nullptr, *second = nullptr, *result = nullptr;
  CublasLtHeuristic chosen{};

  Plan(const CublasLt& functions, const DenseProduct& p, bool with_bias, bool with_factor)
      : lt(functions), product(p), bias(with_bias), factor(with_factor) {}
  ~Plan() {
    if (result) lt.MatrixLayoutDestroy(result);
    if (second) lt.MatrixLayoutDestroy(second);
    if (first) lt.MatrixLayoutDestroy(first);
    if (desc) lt.MatmulDescDestroy(desc);
  }

  /// Pedantic is f32 throughout. Plain CUBLAS_COMPUTE_32F, which bf16 operands want, may use TF32 or sums of bf16 products for
  /// f32 ones when the library's environment variables say so.
  void describe() {
    const DenseProduct& p = product;
    const int32_t compute = p.bf16 ? CUBLAS_COMPUTE_32F : CUBLAS_COMPUTE_32F_PEDANTIC, type = p.bf16 ? CUDA_R_16BF : CUDA_R_32F;
    check(lt, lt.MatmulDescCreate(&desc, compute, CUDA_R_32F), "MatmulDescCreate", p);
    set(CUBLASLT_MATMUL_DESC_TRANSA, p.trans_b ? CUBLAS_OP_T : CUBLAS_OP_N, p);
    set(CUBLASLT_MATMUL_DESC_TRANSB, p.trans_a ? CUBLAS_OP_T : CUBLAS_OP_N, p);
    if (factor) set(CUBLASLT_MATMUL_DESC_POINTER_MODE, CUBLASLT_POINTER_MODE_DEVICE, p);
    if (bias) set(CUBLASLT_MATMUL_DESC_EPILOGUE, CUBLASLT_EPILOGUE_BIAS, p);
    layout(&first, type, p.trans_b ? p.k : p.n, p.trans_b ? p.n : p.k, p);
    layout(&second, type, p.trans_a ? p.m : p.k, p.trans_a ? p.k : p.m, p);
    layout(&result, CUDA_R_32F, p.n, p.m, p);
  }

  template <class T>
  void set(int32_t attribute, T value, const DenseProduct& p) {
    check(lt, lt.MatmulDescSetAttribute(desc, attribute, &value, sizeof value), "MatmulDescSetAttribute", p);
  }

  /// A column-major matrix without gaps.
  void layout(void** made, int32_t type, int64_t rows, int64_t cols, const DenseProduct& p) {
    const int status = lt.MatrixLayoutCreate(made, type, static_cast<uint64_t>(rows), static_cast<uint64_t>(cols), rows);
    check(lt, status, "MatrixLayoutCreate", p);
  }

  void choose(void* handle) {
    const DenseProduct& p = product;
    void* preference = nullptr;
    check(lt, lt.MatmulPreferenceCreate(&preference), "MatmulPreferenceCreate", p);
    const uint64_t bytes = kWorkspaceBytes;
    const uint32_t scheme = CUBLASLT_REDUCTION_SCHEME_NONE;
    int found = 0;
    int status = lt.MatmulPreferenceSetAttribute(preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &bytes, sizeof bytes);
    if (status == CUBLAS_STATUS_SUCCESS)
      status = lt.MatmulPreferenceSetAttribute(preference, CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK, &scheme, sizeof scheme);
    if (status == CUBLAS_STATUS_SUCCESS)
      status = lt.MatmulAlgoGetHeuristic(handle, desc, first, second, result, result, preference, 1, &chosen, &found);
    lt.MatmulPreferenceDestroy(preference);
    check(lt, status, "MatmulAlgoGetHeuristic", p);
    check(lt, found > 0 ? chosen.state : CUBLAS_STATUS_NOT_SUPPORTED, "MatmulAlgoGetHeuristic", p);
  }

  /// For example "id 66 tile 20 stages 36 split_k 1 reduction 0"; "?" for what the library does not tell.
  std::string algorithm() const {
    static constexpr struct {
      const char* name;
      int32_t attribute;
    } kAttributes[] = {{"id", CUBLASLT_ALGO_CONFIG_ID},
                       {"tile", CUBLASLT_ALGO_CONFIG_TILE_ID},
                       {"stages", CUBLASLT_ALGO_CONFIG_STAGES_ID},
                       {"split_k", CUBLASLT_ALGO_CONFIG_SPLITK_NUM},
                       {"reduction", CUBLASLT_ALGO_CONFIG_REDUCTION_SCHEME}};
    std::string text;
    for (const auto& a : kAttributes) {
      int32_t value = 0;
      size_t written = 0;
      const int status = lt.MatmulAlgoConfigGetAttribute(&chosen.algo, a.attribute, &value, sizeof value, &written);
      text += std::string(text.empty() ? "" : " ") + a.name + " " + (status == CUBLAS_STATUS_SUCCESS ? std::to_string(value) : "?");
    }
    return text;
  }

  /// For example "bf16 64x384x1536 ta + factor": m x n x k, transposed operands, c added to, bias, factor.
  std::string name() const {
    const DenseProduct& p = product;
    return std::string(p.bf16 ? "bf16 " : "f32 ") + std::to_string(p.m) + "x" + std::to_string(p.n) + "x" + std::to_string(p.k) +
           (p.trans_a ? " ta" : "") + (p.trans_b ? " tb" : "") + (p.accumulate ? " +" : "") + (bias ? " bias" : "") + (factor ? " factor" : "");
  }
};

DenseLibrary::DenseLibrary(void* memory)
    : lt_(functions()), workspace_(memory), constants_(reinterpret_cast<const float*>(static_cast<char*>(memory) + kWorkspaceBytes)) {
  const int status = lt_->Create(&handle_);
  if (status != CUBLAS_STATUS_SUCCESS)
    throw std::runtime_error("[gemm] cublasLtCreate gave status " + std::to_string(status) + " (" + lt_->GetStatusName(status) +
                             "): is the driver one for CUDA 13 (580 or newer)?");
}

DenseLibrary::~DenseLibrary() {
  plans_.clear();
  lt_->Destroy(handle_);
}

DenseLibrary::Plan& DenseLibrary::plan(const DenseProduct& p, bool bias, bool factor) {
  auto& kept = plans_[{p.m, p.n, p.k, p.trans_a, p.trans_b, p.accumulate, p.bf16, bias, factor}];
  if (!kept) {
    auto made = std::make_unique<Plan>(*lt_, p, bias, factor);
    made->describe();
    made->choose(handle_);
    kept = std::move(made);
  }
  return *kept;
}

std::string DenseLibrary::algorithms() const {
  std::map<std::string, std::string> products;
  for (const auto& plan : plans_)
    if (plan.second) {
      std::string& list = products[plan.second->algorithm()];
      list += (list.empty() ? "" : ", ") + plan.second->name();
    }
  std::string text = "cublasLt " + std::to_string(lt_->GetVersion());
  for (const auto& algorithm : products) text += "\n" + algorithm.first + ": " + algorithm.second;
  return text;
}

void DenseLibrary::gemm(const DenseOperands& x, const DenseProduct& p, void* stream) {
  Plan& use = plan(p, x.bias != nullptr, x.factor != nullptr);
  if (x.bias) use.set(CUBLASLT_MATMUL_DESC_BIAS_POINTER, x.bias, p);
  const float* alpha = x.factor ? x.factor : &kConstants[1];
  const float* beta = &(x.factor ? constants_ : kConstants)[p.accumulate];
  const int status = lt_->Matmul(handle_, use.desc, alpha, x.b, use.first, x.a, use.second, beta, x.c, use.result, x.c, use.result,
                                 &use.chosen.algo, workspace_, kWorkspaceBytes, stream);
  check(*lt_, status, "Matmul", p);
}

}  // namespace ternion
