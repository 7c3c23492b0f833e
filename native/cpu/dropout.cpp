// Counter-based dropout: the mask is a pure function of (seed, step, site, element), so nothing is stored. Ref: [PHILOX]
#include "cpu_backend.h"
#include "ternion/philox.h"
#include "tops.h"

namespace ternion {
namespace TERNION_NS {

void CpuBackend::dropout(Buffer& y, const Buffer& x, int64_t n, double p, int64_t seed, int32_t site,
                         const Buffer& step, bool accumulate, Buffer* tops, int64_t slot) {
  if (!(p >= 0 && p < 1)) throw std::invalid_argument("[dropout] p = " + std::to_string(p) + " is outside [0, 1)");
  real* yp = reals(y, n, "dropout y");
  const real* xp = reals(x, n, "dropout x");
  const Top top(tops, slot, "dropout tops");
  const uint32_t at = static_cast<uint32_t>(ints(step, 1, "dropout step")[0]);
  const uint32_t threshold = dropout_threshold(p);
  const real kept = real(1) / (real(1) - static_cast<real>(p));
  constexpr int64_t kBlock = 4096;
  parallel(n, kBlock, [&](int64_t begin, int64_t end) {
    uint32_t word[kBlock];
    dropout_words(static_cast<uint64_t>(seed), at, static_cast<uint32_t>(site), static_cast<uint64_t>(begin) / 4,
                  static_cast<std::size_t>((end - begin + 3) / 4), word);
    for (int64_t i = begin; i < end; ++i) {
      const real value = word[i - begin] >= threshold ? xp[i] * kept : real(0);
      yp[i] = accumulate ? yp[i] + value : value;
    }
    top.raise(yp, begin, end);
  });
}

}  // namespace TERNION_NS
}  // namespace ternion
