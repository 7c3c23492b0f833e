// Test of ternion/power.h: exact powers, the ends of the range, and the stated error against long double. Prints one
// summary line; returns non-zero on failure.
#include "ternion/power.h"

#include <cmath>
#include <cstdio>
#include <initializer_list>
#include <limits>

namespace {

using namespace ternion;

long check_exact() {
  long bad = 0;
  for (int e = 0; e <= 1023; ++e) bad += power(2.0, e) != std::ldexp(1.0, e);
  for (int e = 0; e <= 33; ++e) {
    double product = 1;
    for (int i = 0; i < e; ++i) product *= 3;
    bad += power(3.0, e) != product;  // below 2^53
  }
  const int32_t last = std::numeric_limits<int32_t>::max();
  bad += power(0.0, 0) != 1 || power(0.0, 1) != 0 || power(0.5, -1) != 1 || power(1.0, last) != 1 || power(0.999, last) != 0;
  return bad;
}

/// Decay rates of moments, at every step up to 20000 and then further apart.
long check_error(double* worst) {
  long bad = 0;
  for (double base : {0.9, 0.95, 0.98, 0.99, 0.999, 0.9999, 0.999999}) {
    for (int32_t e = 0; e < 2000000; e = e < 20000 ? e + 1 : e + e / 100) {
      const long double wanted = powl(static_cast<long double>(base), e);
      if (wanted < 1e-290L) break;
      const double error = static_cast<double>(fabsl(static_cast<long double>(power(base, e)) / wanted - 1)) * 0x1p53 / (e > 1 ? e : 1);
      if (error > *worst) *worst = error;
      bad += !(error < 1);
    }
  }
  return bad;
}

}  // namespace

int main() {
  double worst = 0;
  const long exact = check_exact(), error = check_error(&worst);
  std::printf("power_test: %ld exact and %ld error failures, largest error %.3f exponent 2^-53\n", exact, error, worst);
  return exact + error != 0;
}
