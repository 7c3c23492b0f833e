// Counter-based dropout: the mask is a pure function of (seed, step, site, element), so nothing is stored. Ref: [PHILOX]
#include "cuda_backend.h"
#include "index.h"
#include "ternion/philox.h"
#include "tops.h"

namespace ternion {
namespace {

/// One thread for each Philox block: the words of 4 elements.
__global__ void dropout_kernel(Global<float> y, Global<const float> x, int64_t n, uint64_t seed, uint32_t site,
                               Global<const int32_t> step, uint32_t threshold, float kept, bool accumulate, Global<uint32_t> top) {
  const int64_t block = thread_index(), begin = block * 4;
  const PhiloxBlock words = dropout_block(seed, static_cast<uint32_t>(step[0]), site, static_cast<uint64_t>(block));
  uint32_t mine = 0;
  for (int j = 0; j < 4; ++j) {
    const int64_t i = begin + j;
    if (i >= n) break;
    const float value = words.w[j] >= threshold ? x[i] * kept : 0.0f, result = accumulate ? y[i] + value : value;
    y[i] = result;
    mine = larger(mine, magnitude_bits(result));
  }
  raise_top(top, 0, mine);
}

}  // namespace

void CudaBackend::dropout(Buffer& y, const Buffer& x, int64_t n, double p, int64_t seed, int32_t site, const Buffer& step,
                          bool accumulate, Buffer* tops, int64_t slot) {
  if (!(p >= 0 && p < 1)) throw std::invalid_argument("[dropout] p = " + std::to_string(p) + " is outside [0, 1)");
  const auto yp = reals(y, n, "dropout y");
  const auto xp = reals(x, n, "dropout x");
  const auto at = ints(step, 1, "dropout step");
  const auto top = top_of(tops, slot, "dropout tops");
  const float kept = 1.0f / (1.0f - static_cast<float>(p));
  launch(each("dropout", (n + 3) / 4), dropout_kernel, yp, xp, n, static_cast<uint64_t>(seed), static_cast<uint32_t>(site), at,
         dropout_threshold(p), kept, accumulate, top);
}

}  // namespace ternion
