// What a product of codes gives beside y[m,n]: GELU of y where that is wanted, and the largest magnitude of the last of the two.
#pragma once
#include "cpu_backend.h"
#include "ternion/math.h"
#include "tops.h"

namespace ternion {
namespace TERNION_NS {

class ProductResult {
 public:
  /// y[m,n]; gelu null or REAL[m n], `what` names it in errors.
  ProductResult(const real* y, int64_t m, int64_t n, const Buffer* gelu, const char* what, const Top& top)
      : y_(y), n_(n), gelu_(gelu ? reals(*gelu, m * n, what) : nullptr), top_(top) {}

  /// Rows m0 .. m1 - 1 of columns n0 .. n1 - 1 of y are final. To be called while they are in the cache, by any thread.
  void finish(int64_t m0, int64_t m1, int64_t n0, int64_t n1) const {
    if (!gelu_ && !top_) return;
    for (int64_t r = m0; r < m1; ++r) {
      const int64_t begin = r * n_ + n0, end = r * n_ + n1;
      if (gelu_)
        for (int64_t i = begin; i < end; ++i) gelu_[i] = gelu_r(y_[i]);
      top_.raise(gelu_ ? gelu_ : y_, begin, end);
    }
  }

 private:
  const real* y_;
  int64_t n_;
  real* gelu_;
  Top top_;
};

}  // namespace TERNION_NS
}  // namespace ternion
