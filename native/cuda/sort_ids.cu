// A stable sort by counting, 8 bits of the id a pass, the lowest first, by one block. Each of its 32 warps has a segment of
// consecutive elements; a pass reads them twice: to count digits, and to put each element behind all smaller digits, behind
// the same digit in earlier segments and behind the same digit before it in its own. Work: ceil(bits of the table's rows / 8)
// passes of 2 n / 1024 steps of the block and one scan of 32 x 256 counts; every count is a sum of whole numbers, so the order is
// the same whatever runs first.
#include "sort_ids.h"

#include "index.h"
#include "reduce.h"

namespace ternion {
namespace {

constexpr int kSortThreads = 1024;
constexpr int kSegments = kSortThreads / 32;
constexpr int kDigitBits = 8;
constexpr int kDigits = 1 << kDigitBits;

/// The elements of one warp, 32 at a time.
struct Segment {
  int64_t begin, end;

  __device__ explicit Segment(int64_t n) {
    const int64_t each = (n + kSortThreads - 1) / kSortThreads * 32;
    begin = threadIdx.x / 32 * each;
    end = begin + each < n ? begin + each : n;
  }
};

/// What one pass sorts: from[k], or k in the first pass, by digit `shift` of its id.
struct Pass {
  Global<int32_t> from;
  Global<const int32_t> ids;
  int64_t table_rows;
  int shift;

  __device__ int32_t position(int64_t k) const { return shift == 0 ? static_cast<int32_t>(k) : from[k]; }
  __device__ int digit(int32_t position) const {
    const int32_t id = ids[position];
    const int64_t key = outside(id, table_rows) ? table_rows : id;
    return static_cast<int>(key >> shift) & (kDigits - 1);
  }
};

/// The lanes with `live` and the same digit as this lane; none where this lane is not live.
__device__ __forceinline__ unsigned lanes_of_digit(int digit, bool live) {
  unsigned same = __ballot_sync(kAllLanes, live);
  for (int bit = 0; bit < kDigitBits; ++bit) {
    const bool set = digit >> bit & 1;
    const unsigned with = __ballot_sync(kAllLanes, set);
    same &= set ? with : ~with;
  }
  return live ? same : 0;
}

/// How many of `lanes` come before this one.
__device__ __forceinline__ int before(unsigned lanes) { return __popc(lanes & ((1u << lane_index()) - 1)); }

/// counts[segment, digit] of all segments, zero at first.
__device__ void count_digits(Shared<int32_t> counts, const Pass& pass, int64_t n) {
  const Segment segment(n);
  const int row = static_cast<int>(threadIdx.x) / 32 * kDigits;
  for (int64_t first = segment.begin; first < segment.end; first += 32) {
    const int64_t k = first + lane_index();
    const bool live = k < segment.end;
    const int digit = live ? pass.digit(pass.position(k)) : 0;
    const unsigned same = lanes_of_digit(digit, live);
    if (live && before(same) == 0) counts[row + digit] += __popc(same);
    __syncwarp();
  }
}

/// counts[segment, digit] becomes where the segment's first element with the digit goes.
__device__ void scan_counts(Shared<int32_t> counts, Shared<int32_t> totals) {
  const int digit = static_cast<int>(threadIdx.x), lane = lane_index();
  if (digit < kDigits) {
    int32_t sum = 0;
    for (int segment = 0; segment < kSegments; ++segment) {
      const int32_t count = counts[segment * kDigits + digit];
      counts[segment * kDigits + digit] = sum;
      sum += count;
    }
    totals[digit] = sum;
  }
  __syncthreads();
  if (threadIdx.x < 32) {
    int32_t carry = 0;
    for (int first = 0; first < kDigits; first += 32) {
      const int32_t total = totals[first + lane];
      int32_t sum = total;
      for (int width = 1; width < 32; width *= 2) {
        const int32_t other = __shfl_sync(kAllLanes, sum, lane - width);
        if (lane >= width) sum += other;
      }
      totals[first + lane] = carry + sum - total;
      carry += __shfl_sync(kAllLanes, sum, 31);
    }
  }
  __syncthreads();
}

/// Puts the elements of this warp's segment in their places.
__device__ void place(Global<int32_t> to, Shared<int32_t> next, Shared<int32_t> totals, const Pass& pass, int64_t n) {
  const Segment segment(n);
  const int row = static_cast<int>(threadIdx.x) / 32 * kDigits;
  for (int64_t first = segment.begin; first < segment.end; first += 32) {
    const int64_t k = first + lane_index();
    const bool live = k < segment.end;
    const int32_t position = live ? pass.position(k) : 0;
    const int digit = live ? pass.digit(position) : 0;
    const unsigned same = lanes_of_digit(digit, live);
    if (live) to[totals[digit] + next[row + digit] + before(same)] = position;
    __syncwarp();
    if (live && before(same) == 0) next[row + digit] += __popc(same);
    __syncwarp();
  }
}

/// Records the lowest position whose id is outside the table.
__device__ void report_bad_id(Shared<int32_t> first_of_warp, Global<const int32_t> ids, int64_t n, int64_t table_rows,
                              Global<FaultRecord> fault, FaultKind kind) {
  const Segment segment(n);
  int32_t lowest = -1;
  for (int64_t first = segment.begin; first < segment.end && lowest < 0; first += 32) {
    const int64_t k = first + lane_index();
    const unsigned bad = __ballot_sync(kAllLanes, k < segment.end && outside(ids[k], table_rows));
    for (int lane = 31; lane >= 0; --lane)
      if (bad >> lane & 1) lowest = static_cast<int32_t>(first + lane);
  }
  if (lane_index() == 0) first_of_warp[threadIdx.x / 32] = lowest;
  __syncthreads();
  if (threadIdx.x != 0) return;
  for (int warp = 0; warp < kSegments; ++warp) {
    const int32_t position = first_of_warp[warp];
    if (position < 0) continue;
    record_fault(fault, kind, ids[position], position, table_rows);
    return;
  }
}

__global__ void __launch_bounds__(kSortThreads)
    sort(Global<int32_t> order, Global<int32_t> other, Global<const int32_t> ids, int64_t n, int64_t table_rows, int passes,
         Global<FaultRecord> fault, FaultKind kind) {
  TERNION_SHARED(int32_t, counts, kSegments * kDigits);
  TERNION_SHARED(int32_t, totals, kDigits);
  TERNION_SHARED(int32_t, first_of_warp, kSegments);
  report_bad_id(first_of_warp, ids, n, table_rows, fault, kind);
  for (int p = 0; p < passes; ++p) {
    const bool ends_in_order = (passes - p) % 2 == 1;
    const Pass pass{ends_in_order ? other : order, ids, table_rows, p * kDigitBits};
    for (int i = static_cast<int>(threadIdx.x); i < kSegments * kDigits; i += kSortThreads) counts[i] = 0;
    __syncthreads();
    count_digits(counts, pass, n);
    __syncthreads();
    scan_counts(counts, totals);
    place(ends_in_order ? order : other, counts, totals, pass, n);
    __syncthreads();
  }
}

}  // namespace

void sort_positions(CudaBackend& backend, const char* name, Global<int32_t> order, Global<int32_t> other, Global<const int32_t> ids,
                    int64_t n, int64_t table_rows, Global<FaultRecord> fault, FaultKind kind) {
  int passes = 1;  // keys are 0 .. table_rows
  while (table_rows >> (passes * kDigitBits) != 0) ++passes;
  launch(backend.shape(name, n > 0 ? 1 : 0, kSortThreads), sort, order, other, ids, n, table_rows, passes, fault, kind);
}

}  // namespace ternion
