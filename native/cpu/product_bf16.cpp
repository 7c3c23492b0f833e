// Dense products of bf16 by oneDNN, on processors with AVX512-BF16 or AMX. As in product.cpp a call computes one block on one
// thread, and blocks depend on the shape alone.
#include "product.h"

#if defined(TERNION_DNNL) && defined(__AVX512F__)
#include <dnnl.h>
#include <omp.h>

#include <array>
#include <map>
#include <memory>
#include <mutex>

namespace ternion {
namespace TERNION_NS {
namespace {

void check(dnnl_status_t status, const char* what) {
  if (status != dnnl_success) throw std::runtime_error(std::string("[gemm bf16] oneDNN ") + what + " gave status " + std::to_string(status));
}

dnnl_engine_t engine() {
  static const dnnl_engine_t made = [] {
    dnnl_engine_t e = nullptr;
    check(dnnl_engine_create(&e, dnnl_cpu, 0), "dnnl_engine_create");
    return e;
  }();
  return made;
}

/// A descriptor of a matrix of given strides.
struct Matrix {
  dnnl_memory_desc_t desc = nullptr;
  Matrix(dnnl_data_type_t type, int64_t rows, int64_t cols, int64_t row_stride, int64_t col_stride) {
    const dnnl_dims_t dims = {rows, cols}, strides = {row_stride, col_stride};
    check(dnnl_memory_desc_create_with_strides(&desc, 2, dims, type, strides), "dnnl_memory_desc_create_with_strides");
  }
  Matrix(const Matrix&) = delete;
  ~Matrix() { dnnl_memory_desc_destroy(desc); }
};

/// Memory of a descriptor for the length of a call.
struct Memory {
  dnnl_memory_t memory = nullptr;
  Memory(const_dnnl_memory_desc_t desc, const void* data) {
    check(dnnl_memory_create(&memory, desc, engine(), const_cast<void*>(data)), "dnnl_memory_create");
  }
  Memory(const Memory&) = delete;
  ~Memory() { dnnl_memory_destroy(memory); }
};

/// The compiled product of one block: c (+)= factor a b.
class Kernel {
 public:
  Kernel(const Product<uint16_t>& p, const Part& at)
      : a_(dnnl_bf16, at.rows(), p.k, p.trans_a ? 1 : p.lda(), p.trans_a ? p.lda() : 1),
        b_(dnnl_bf16, p.k, at.cols(), p.trans_b ? 1 : p.ldb(), p.trans_b ? p.ldb() : 1),
        c_(dnnl_f32, at.rows(), at.cols(), p.n, 1),
        factor_(dnnl_f32, 1, 1, 1, 1) {
    dnnl_primitive_attr_t attributes = nullptr;
    dnnl_post_ops_t after = nullptr;
    dnnl_primitive_desc_t made = nullptr;
    dnnl_status_t status = dnnl_primitive_attr_create(&attributes);
    if (status == dnnl_success) status = dnnl_post_ops_create(&after);
    if (status == dnnl_success) status = dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user);
    if (status == dnnl_success) status = dnnl_post_ops_append_binary(after, dnnl_binary_mul, factor_.desc);
    if (status == dnnl_success && p.accumulate) status = dnnl_post_ops_append_sum(after, 1.0f, 0, dnnl_f32);
    if (status == dnnl_success) status = dnnl_primitive_attr_set_post_ops(attributes, after);
    if (status == dnnl_success) status = dnnl_matmul_primitive_desc_create(&made, engine(), a_.desc, b_.desc, nullptr, c_.desc, attributes);
    if (status == dnnl_success) status = dnnl_primitive_create(&primitive_, made);
    dnnl_post_ops_destroy(after);
    dnnl_primitive_attr_destroy(attributes);
    dnnl_primitive_desc_destroy(made);
    check(status, "matmul");
    const_dnnl_primitive_desc_t own = nullptr;
    check(dnnl_primitive_get_primitive_desc(primitive_, &own), "dnnl_primitive_get_primitive_desc");
    scratch_ = dnnl_primitive_desc_query_md(own, dnnl_query_scratchpad_md, 0);
  }
  Kernel(const Kernel&) = delete;
  ~Kernel() { dnnl_primitive_destroy(primitive_); }

  void run(const uint16_t* a, const uint16_t* b, float* c, float factor) const {
    thread_local std::vector<char> space;
    space.resize(dnnl_memory_desc_get_size(scratch_));
    const Memory ma(a_.desc, a), mb(b_.desc, b), mc(c_.desc, c), mf(factor_.desc, &factor), ms(scratch_, space.data());
    const dnnl_exec_arg_t arguments[] = {{DNNL_ARG_SRC, ma.memory}, {DNNL_ARG_WEIGHTS, mb.memory}, {DNNL_ARG_DST, mc.memory},
                                         {DNNL_ARG_SCRATCHPAD, ms.memory},
                                         {DNNL_ARG_ATTR_MULTIPLE_POST_OP(0) | DNNL_ARG_SRC_1, mf.memory}};
    thread_local const dnnl_stream_t stream = [] {
      dnnl_stream_t s = nullptr;
      check(dnnl_stream_create(&s, engine(), dnnl_stream_default_flags), "dnnl_stream_create");
      return s;
    }();
    check(dnnl_primitive_execute(primitive_, stream, 5, arguments), "matmul");
  }

 private:
  Matrix a_, b_, c_, factor_;
  dnnl_primitive_t primitive_ = nullptr;
  const_dnnl_memory_desc_t scratch_ = nullptr;  ///< owned by the primitive
};

/// Kernels by shape, kept because compiling one takes longer than running it.
std::shared_ptr<const Kernel> kernel(const Product<uint16_t>& p, const Part& at) {
  constexpr size_t kKept = 1024;
  static std::mutex mutex;
  static std::map<std::array<int64_t, 9>, std::shared_ptr<const Kernel>> kept;
  const std::lock_guard<std::mutex> lock(mutex);
  if (kept.size() >= kKept) kept.clear();
  auto& found = kept[{at.rows(), at.cols(), p.k, p.lda(), p.ldb(), p.n, p.trans_a, p.trans_b, p.accumulate}];
  if (!found) found = std::make_shared<const Kernel>(p, at);
  return found;
}

}  // namespace

bool multiplies_bf16() {
  static const bool has = (dnnl_get_effective_cpu_isa() & dnnl_cpu_isa_avx512_core_bf16) == dnnl_cpu_isa_avx512_core_bf16;
  return has;
}

void multiply(CpuBackend& backend, const Product<uint16_t>& p) {
  for_parts(backend, p.m, p.n, [&](const Part& at) {
    omp_set_num_threads(1);
    const uint16_t* a = p.a + (p.trans_a ? at.m0 : at.m0 * p.lda());
    const uint16_t* b = p.b + (p.trans_b ? at.n0 * p.ldb() : at.n0);
    kernel(p, at)->run(a, b, p.c + at.m0 * p.n + at.n0, p.factor);
    add_bias(p, at);
  });
}

}  // namespace TERNION_NS
}  // namespace ternion

#else

namespace ternion {
namespace TERNION_NS {

bool multiplies_bf16() { return false; }
void multiply(CpuBackend&, const Product<uint16_t>&) { throw std::logic_error("[gemm bf16] this copy has no such instructions"); }

}  // namespace TERNION_NS
}  // namespace ternion
#endif
