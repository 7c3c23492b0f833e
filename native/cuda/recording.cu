// Recorded steps, and reads that do not hold up the device.
#include <cstring>

#include "cuda_backend.h"

namespace ternion {
namespace {

struct CudaRecording final : Recording {
  std::unique_ptr<RuntimeGraph> graph;
  ReservedBlocks blocks;
};

/// A landing with the device's fault record and, behind it, the values.
struct CudaReadback final : Readback {
  std::unique_ptr<Landing> landing;
  int64_t n = 0;
};

constexpr size_t kValues = (sizeof(FaultRecord) + 7) / 8 * 8;  ///< where the values begin

size_t bytes_of_values(int64_t n) { return static_cast<size_t>(n) * sizeof(double); }

}  // namespace

bool CudaBackend::begin_recording() {
  if (recording_) throw std::logic_error("[begin_recording] already recording");
  recording_ = runtime_->begin_recording();
  if (recording_) memory_.begin_recording();
  return recording_;
}

Recording* CudaBackend::end_recording() {
  if (!recording_) throw std::logic_error("[end_recording] not recording");
  recording_ = false;
  auto recording = std::make_unique<CudaRecording>();
  recording->blocks = memory_.end_recording();
  try {
    recording->graph = runtime_->end_recording();
  } catch (...) {
    memory_.unreserve(recording->blocks);
    throw;
  }
  return recording.release();
}

void CudaBackend::abandon_recording() {
  if (!recording_) return;
  recording_ = false;
  memory_.unreserve(memory_.end_recording());
  runtime_->abandon_recording();
}

void CudaBackend::replay(Recording& recording) { runtime_->replay(*static_cast<CudaRecording&>(recording).graph); }

void CudaBackend::release_recording(Recording* recording) {
  const std::unique_ptr<CudaRecording> gone(static_cast<CudaRecording*>(recording));
  memory_.unreserve(gone->blocks);
}

Readback* CudaBackend::start_read_f64(const Buffer& src, int64_t n) {
  const auto values = doubles(src, n, "start_read_f64");
  auto readback = std::make_unique<CudaReadback>();
  readback->n = n;
  auto& idle = landings_[n];
  if (idle.empty()) {
    readback->landing = runtime_->landing(kValues + bytes_of_values(n));
  } else {
    readback->landing = std::move(idle.back());
    idle.pop_back();
  }
  fault_.land(*readback->landing, 0);
  runtime_->land(*readback->landing, kValues, values.pointer(), bytes_of_values(n));
  return readbacks_.add(std::move(readback));
}

void CudaBackend::finish_read_f64(double* dst, Readback* raw) {
  const auto owned = readbacks_.take(raw);
  auto& readback = static_cast<CudaReadback&>(*owned);
  readback.landing->wait();
  const char* memory = static_cast<const char*>(readback.landing->memory());
  FaultRecord fault;
  std::memcpy(&fault, memory, sizeof fault);
  std::memcpy(dst, memory + kValues, bytes_of_values(readback.n));
  landings_[readback.n].push_back(std::move(readback.landing));
  fault_.report(fault);
}

}  // namespace ternion
