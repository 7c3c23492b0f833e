// The CPU gains nothing by recording: operations run at once, and so do reads.
#include <stdexcept>
#include <vector>

#include "cpu_backend.h"

namespace ternion {
namespace TERNION_NS {
namespace {

struct CpuReadback final : Readback {
  std::vector<double> values;
};

[[noreturn]] void not_recording(const char* what) {
  throw std::logic_error(std::string("[") + what + "] the CPU records nothing: begin_recording said so");
}

}  // namespace

bool CpuBackend::begin_recording() { return false; }
Recording* CpuBackend::end_recording() { not_recording("end_recording"); }
void CpuBackend::abandon_recording() {}
void CpuBackend::replay(Recording&) { not_recording("replay"); }
void CpuBackend::release_recording(Recording*) { not_recording("release_recording"); }

Readback* CpuBackend::start_read_f64(const Buffer& src, int64_t n) {
  auto readback = std::make_unique<CpuReadback>();
  readback->values.resize(static_cast<size_t>(n));
  read_f64(readback->values.data(), src, 0, n);
  return readbacks_.add(std::move(readback));
}

void CpuBackend::finish_read_f64(double* dst, Readback* raw) {
  const auto owned = readbacks_.take(raw);
  const auto& values = static_cast<CpuReadback&>(*owned).values;
  std::copy(values.begin(), values.end(), dst);
}

}  // namespace TERNION_NS
}  // namespace ternion
