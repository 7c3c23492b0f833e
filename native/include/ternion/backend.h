// THE engine contract: one pure virtual per operation. Every backend implements all of it or does not link.
//
// Conventions. Matrices are row-major. `rows`, `cols`, `n` count elements. Arguments after the outputs are inputs.
// Outputs never alias inputs unless the line says "in place". "d" before a name is the gradient of the loss with respect
// to it. With `accumulate` an output gradient is added to, otherwise overwritten. A scale buffer has one REAL per group
// of `group` consecutive elements: group = n gives one scale per tensor, group = cols one per row. Every operation gives
// the same bytes for the same input whatever the number of threads. Sums over a row run as 32 strided partial sums and a
// fixed tree (over classes: in order), sums over a tensor as f64 sums of fixed chunks [performance.md 10]. Errors are thrown as
// std::invalid_argument (caller), std::bad_alloc-like std::runtime_error (memory), never ignored.
//
// Tops. An operation that "raises tops[slot]" sets this S32, where `tops` is not null, to the larger of what it holds and
// the bits of the largest |y| of its result, NaN above infinity. Cleared to 0 before, it spares quantize_symmetric a pass
// over y; the codes are the same bytes. "cpu64", whose magnitudes have 64 bits, leaves it alone and always searches.
#pragma once
#include <cstdint>

#include "buffer.h"
#include "update_list.h"
#include "weight_list.h"

namespace ternion {

class Backend {
 public:
  virtual ~Backend() {}

  // ---- device and memory ------------------------------------------------------------------------------------------

  /// What computes: for example "cpu AVX2, 2 threads".
  virtual const char* description() = 0;

  /// What a library of the device has chosen for dense products so far: its version, then a line for each algorithm with the products that
  /// it computes; the same choices give the same bytes. Empty where none chooses. Valid until the next call.
  virtual const char* dense_algorithms() = 0;

  /// New buffer from the pool, contents undefined. Throws when `limit` bytes would be passed, naming need and budget.
  virtual Buffer* new_buffer(DType dtype, int64_t count) = 0;

  /// Gives a buffer back to the pool. The pointer is dead afterwards.
  virtual void release(Buffer* buffer) = 0;

  /// Bytes held by live buffers and, idle, by recordings now.
  virtual int64_t bytes_in_use() = 0;

  /// Largest value of bytes_in_use since the last reset_peak.
  virtual int64_t bytes_peak() = 0;

  /// Restarts bytes_peak at bytes_in_use.
  virtual void reset_peak() = 0;

  /// Budget for live buffers in bytes; 0 means none.
  virtual void set_limit(int64_t bytes) = 0;

  /// Returns pooled memory that no live buffer uses to the system.
  virtual void trim() = 0;

  // Writes take their host memory at once and reach the device in order with the operations. Reads wait for all operations.

  /// dst[offset ..] = src, dst REAL, n floats from host memory.
  virtual void write_f32(Buffer& dst, int64_t offset, const float* src, int64_t n) = 0;

  /// dst = src[offset ..] as floats, src REAL.
  virtual void read_f32(float* dst, const Buffer& src, int64_t offset, int64_t n) = 0;

  /// The same in double, for gradient checks on "cpu64"; REAL or F64 buffers.
  virtual void write_f64(Buffer& dst, int64_t offset, const double* src, int64_t n) = 0;

  /// dst = src[offset ..] as doubles, src REAL or F64.
  virtual void read_f64(double* dst, const Buffer& src, int64_t offset, int64_t n) = 0;

  /// dst[offset ..] = src, dst S32.
  virtual void write_s32(Buffer& dst, int64_t offset, const int32_t* src, int64_t n) = 0;

  /// Raw bytes into an S8 or U8 buffer.
  virtual void write_bytes(Buffer& dst, int64_t offset, const int8_t* src, int64_t n) = 0;

  /// Raw bytes of an S8 or U8 buffer.
  virtual void read_bytes(int8_t* dst, const Buffer& src, int64_t offset, int64_t n) = 0;

  /// Starts a copy of the first n elements of src, F64, to the host, in order with the operations. The backend owns the result.
  virtual Readback* start_read_f64(const Buffer& src, int64_t n) = 0;

  /// Waits for that copy alone, not for operations started after it; dst has its n elements, and `readback` is gone, also when this throws.
  virtual void finish_read_f64(double* dst, Readback* readback) = 0;

  /// x = value everywhere, x REAL, F64 or S32.
  virtual void set_all(Buffer& x, double value) = 0;

  /// y = x, same dtype and count.
  virtual void copy(Buffer& y, const Buffer& x) = 0;

  // ---- recorded steps ---------------------------------------------------------------------------------------------

  /// Begins to note operations instead of running them. False when this backend does not record: then they run as ever.
  /// While recording, transfers with the host throw. Blocks taken or released meanwhile are reserved for recordings.
  virtual bool begin_recording() = 0;

  /// Ends it. What was noted runs by `replay` on the memory that it was noted with: buffers of before must still live then.
  virtual Recording* end_recording() = 0;

  /// Ends it and forgets what was noted; does nothing when not recording.
  virtual void abandon_recording() = 0;

  /// Runs the noted operations in order, once.
  virtual void replay(Recording& recording) = 0;

  /// Drops a recording; memory that only it had reserved is free again.
  virtual void release_recording(Recording* recording) = 0;

  // ---- dense products and pointwise -------------------------------------------------------------------------------

  /// c[m,n] (+)= op(a) op(b) + bias; op(a) is [m,k], stored [k,m] when trans_a; op(b) is [k,n], stored [n,k] when trans_b.
  /// bias[n] is added to every row after the product, unfused; it may be null. bf16: a and b are rounded to bf16 (half to
  /// even) first, sums stay f32; "cpu64" does not round. [performance.md 10]
  virtual void gemm(Buffer& c, const Buffer& a, const Buffer& b, const Buffer* bias, int64_t m, int64_t n, int64_t k, bool trans_a, bool trans_b, bool accumulate, bool bf16) = 0;

  /// c[m,n] (+)= op(dy)[m,k] (codes scale[i / group])[k,n]: the products of a backward pass with codes; dy is stored [k,m] when
  /// trans_dy. Without bf16 the codes are dequantized, then as gemm. With it dy is rounded to bf16 (half to even) and sums stay
  /// f32; codes of one scale (group = k n) stay exact and the sum is multiplied by it, others are dequantized and rounded.
  /// "cpu64" does not round. Ref: [STE], [performance.md 10]
  virtual void gemm_codes(Buffer& c, const Buffer& dy, const Buffer& codes, const Buffer& scale, int64_t group, int64_t m, int64_t n, int64_t k, bool trans_dy, bool accumulate, bool bf16) = 0;

  /// sums[cols] (+)= column sums of x[rows,cols]: the gradient of a bias.
  virtual void sum_rows(Buffer& sums, const Buffer& x, int64_t rows, int64_t cols, bool accumulate) = 0;

  /// y = a + b; y may be a.
  virtual void add(Buffer& y, const Buffer& a, const Buffer& b, int64_t n) = 0;

  /// y (+)= factor * x; y may be x.
  virtual void scale(Buffer& y, const Buffer& x, double factor, int64_t n, bool accumulate) = 0;

  /// y = 0.5 x (1 + erf(x / sqrt 2)), the exact GELU. Raises tops[slot]. Ref: [GELU]
  virtual void gelu_forward(Buffer& y, const Buffer& x, int64_t n, Buffer* tops, int64_t slot) = 0;

  /// dx = dy (Phi(x) + x phi(x)); dx may be dy. Ref: [GELU]
  virtual void gelu_backward(Buffer& dx, const Buffer& dy, const Buffer& x, int64_t n) = 0;

  /// y = tanh x.
  virtual void tanh_forward(Buffer& y, const Buffer& x, int64_t n) = 0;

  /// dx = dy (1 - y^2); dx may be dy.
  virtual void tanh_backward(Buffer& dx, const Buffer& dy, const Buffer& y, int64_t n) = 0;

  /// Inverted dropout: y[i] (+)= x[i] / (1 - p) where kept, else 0; y may be x. Element i of (seed, step[0], site) is kept
  /// when its Philox word >= round(p 2^32). Its own backward: apply it to dy with the same arguments. Raises tops[slot].
  /// Ref: [PHILOX]
  virtual void dropout(Buffer& y, const Buffer& x, int64_t n, double p, int64_t seed, int32_t site, const Buffer& step, bool accumulate, Buffer* tops, int64_t slot) = 0;

  // ---- rows: embeddings, pooling, layer norm ----------------------------------------------------------------------

  /// y[n,cols] (+)= table[ids[n],:]. Throws when an id lies outside the table; CUDA does so at the next read.
  virtual void gather_rows(Buffer& y, const Buffer& table, const Buffer& ids, int64_t n, int64_t cols, bool accumulate) = 0;

  /// dtable[ids[n],:] += dy[n,:], in order of n for every row of the table. Ids outside as in gather_rows.
  virtual void scatter_rows(Buffer& dtable, const Buffer& dy, const Buffer& ids, int64_t n, int64_t cols) = 0;

  /// y[batch,cols] = mean over the valid rows of each sequence of x[rows,cols].
  virtual void mean_pool_forward(Buffer& y, const Buffer& x, const Layout& layout, int64_t cols) = 0;

  /// dx[r,:] (+)= dy[b,:] / valid[b] for valid rows, 0 for pads.
  virtual void mean_pool_backward(Buffer& dx, const Buffer& dy, const Layout& layout, int64_t cols, bool accumulate) = 0;

  /// y = (x - mean) rstd gamma + beta over each row; mean[rows] and rstd[rows] are written for the backward pass. Raises
  /// tops[slot]. Ref: [LN]
  virtual void layer_norm_forward(Buffer& y, Buffer& mean, Buffer& rstd, const Buffer& x, const Buffer& gamma, const Buffer& beta, int64_t rows, int64_t cols, double eps, Buffer* tops, int64_t slot) = 0;

  /// dx overwritten (may be dy); dgamma[cols] and dbeta[cols] (+)= by `accumulate`. Ref: [LN]
  virtual void layer_norm_backward(Buffer& dx, Buffer& dgamma, Buffer& dbeta, const Buffer& dy, const Buffer& x, const Buffer& mean, const Buffer& rstd, const Buffer& gamma, int64_t rows, int64_t cols, bool accumulate) = 0;

  /// sum = skip + dropout(branch), p = 0: nothing dropped, step may be null; y, mean and rstd as layer_norm_forward of sum.
  /// Raises tops[slot] by y. Ref: [LN], [PHILOX]
  virtual void residual_norm_forward(Buffer& y, Buffer& sum, Buffer& mean, Buffer& rstd, const Buffer& branch, const Buffer& skip, const Buffer& gamma, const Buffer& beta, int64_t rows, int64_t cols, double eps, double p, int64_t seed, int32_t site, const Buffer* step, Buffer* tops, int64_t slot) = 0;

  /// With g the dx of layer_norm_backward at x = sum: dbranch (+)= dropout(g) by add_branch, then dskip (+)= g by add_skip,
  /// either may be null; dgamma[cols] and dbeta[cols] (+)= by `accumulate`. Ref: [LN], [PHILOX]
  virtual void residual_norm_backward(Buffer* dbranch, bool add_branch, Buffer* dskip, bool add_skip, Buffer& dgamma, Buffer& dbeta, bool accumulate, const Buffer& dy, const Buffer& sum, const Buffer& mean, const Buffer& rstd, const Buffer& gamma, int64_t rows, int64_t cols, double p, int64_t seed, int32_t site, const Buffer* step) = 0;

  // ---- quantizers -------------------------------------------------------------------------------------------------

  /// Symmetric dynamic quantizer: y = clamp(x, -clip, clip), M = max|y| of the group, L = 2^(bits-1) - 1,
  /// codes = round_half_even(y (L / M)), step = M / L. M < 1e-30 gives codes 0 and step 0, a NaN gives step NaN.
  /// A group smaller than the tensor must be a multiple of 8. mask holds one bit an element
  /// (bit i of byte i/8), set where -clip < x < clip. tops: null, or one group and tops[slot] of x. Ref: [TI] 1.3, [STE]
  virtual void quantize_symmetric(Buffer& codes, Buffer& step, Buffer& mask, const Buffer& x, int64_t n, int64_t group, double clip, int bits, const Buffer* tops, int64_t slot) = 0;

  /// Ternary: y = clamp(w), m = mean|y| of the group, I = {|y| > 0.7 m}, scale = mean of |y| over I, codes = sign(y) on I
  /// and 0 elsewhere. Empty I gives scale 0, a NaN gives scale NaN. Ref: [TWN], [TI] 1.5
  virtual void quantize_ternary(Buffer& codes, Buffer& scale, const Buffer& w, int64_t n, int64_t group, double clip) = 0;

  /// Binary: codes = +1 where w >= 0 else -1, scale = mean|clamp(w)| of the group. mask may be null, else as in
  /// quantize_symmetric, for groups of any size. Ref: [BWN], [STE]
  virtual void quantize_binary(Buffer& codes, Buffer& scale, Buffer* mask, const Buffer& w, int64_t n, int64_t group, double clip) = 0;

  /// Codes and scale of every weight of the list, as quantize_ternary or quantize_binary gives them, and its panel, as pack_panel.
  virtual void quantize_weights(const WeightList& list) = 0;

  /// y = codes * scale[i / group].
  virtual void dequantize(Buffer& y, const Buffer& codes, const Buffer& scale, int64_t n, int64_t group) = 0;

  /// Straight-through estimator by stored mask: dx (+)= dy where the bit is set, else 0; dx may be dy. Ref: [STE]
  virtual void ste_mask(Buffer& dx, const Buffer& dy, const Buffer& mask, int64_t n, bool accumulate) = 0;

  /// Straight-through estimator by value: dx (+)= dy where -clip < x < clip, else 0; dx may be dy. Ref: [STE]
  virtual void ste_clip(Buffer& dx, const Buffer& dy, const Buffer& x, int64_t n, double clip, bool accumulate) = 0;

  /// Bytes of the packed form of an [n,k] code matrix that gemm_s8 reads (U8 elements; layout private to the backend). `binary`
  /// says that no code is 0; the three operations on a panel must be told the same.
  virtual int64_t panel_bytes(int64_t n, int64_t k, bool binary) = 0;

  /// Packs codes[n,k] for gemm_s8: in {-1, 0, 1}, binary in {-1, 1}.
  virtual void pack_panel(Buffer& panel, const Buffer& codes, int64_t n, int64_t k, bool binary) = 0;

  /// y[m,n] = sum over K-groups of (x w^T exact integers) * (x_step * w_scale) + bias; x codes S8 [m,k] with one step per
  /// tensor (x_group = m k) or row (x_group = k); w packed by pack_panel with scales per tensor, row or group of
  /// w_group elements of its K (a divisor of k and a multiple of 4). bias[n] may be null. Exact for k <= 132104, where |sum| stays below 2^24.
  /// gelu: null, or REAL [m,n] = gelu_forward of y in the same pass. Raises tops[slot], by gelu where there is one. Ref: [TI] 7.5, [GELU]
  virtual void gemm_s8(Buffer& y, Buffer* gelu, const Buffer& x, const Buffer& x_step, int64_t x_group, const Buffer& panel, const Buffer& w_scale, int64_t w_group, const Buffer* bias, int64_t m, int64_t n, int64_t k, bool binary, Buffer* tops, int64_t slot) = 0;

  /// Bytes of the bits of a [rows,k] matrix of binary codes (U8 elements; layout private to the backend).
  virtual int64_t bits_bytes(int64_t rows, int64_t k) = 0;

  /// bits = one bit for each of codes[rows,k] in {-1, 1}, set where 1; counts[rows] (S32) = the ones of each row.
  virtual void pack_bits(Buffer& bits, Buffer& counts, const Buffer& codes, int64_t rows, int64_t k) = 0;

  /// gemm_s8 of binary codes on both sides, the same bytes: x and w as packed by pack_bits, a step per tensor (x_group = m k) or
  /// row (x_group = k), a scale per tensor (w_group = n k) or row (w_group = k); bias[n] may be null. The integer is
  /// k + 4 popc(x & w) - 2 popc(x) - 2 popc(w) [performance.md 4]. gelu and tops as in gemm_s8.
  virtual void gemm_b1(Buffer& y, Buffer* gelu, const Buffer& x_bits, const Buffer& x_counts, const Buffer& x_step, int64_t x_group, const Buffer& w_bits, const Buffer& w_counts, const Buffer& w_scale, int64_t w_group, const Buffer* bias, int64_t m, int64_t n, int64_t k, Buffer* tops, int64_t slot) = 0;

  // ---- attention over a packed batch ------------------------------------------------------------------------------
  // q, k, v, context are [rows, heads * head_dim]; scores and probs are blocks as in Layout. An operand is REAL with a
  // null step, or S8 codes with its per-tensor step.

  /// scores = (q k^T) ((q_step k_step) / sqrt(head_dim)); entries of pad keys are 0. Ref: [TI] 0.1
  virtual void attention_scores(Buffer& scores, const Buffer& q, const Buffer* q_step, const Buffer& k, const Buffer* k_step, const Layout& layout) = 0;

  /// dq (+)= dscores k / sqrt(head_dim), dk (+)= dscores^T q / sqrt(head_dim) with dequantized operands; pad keys skipped.
  virtual void attention_scores_backward(Buffer& dq, Buffer& dk, const Buffer& dscores, const Buffer& q, const Buffer* q_step, const Buffer& k, const Buffer* k_step, const Layout& layout, bool accumulate) = 0;

  /// probs = softmax over the valid keys of each row, 0 at pad keys. Raises tops[slot].
  virtual void softmax_forward(Buffer& probs, const Buffer& scores, const Layout& layout, Buffer* tops, int64_t slot) = 0;

  /// dscores (+)= probs (dprobs - <dprobs, probs>); dscores may be dprobs when not accumulating.
  virtual void softmax_backward(Buffer& dscores, const Buffer& dprobs, const Buffer& probs, const Layout& layout, bool accumulate) = 0;

  /// context = (probs v) (probs_step v_step), heads side by side. Raises tops[slot].
  virtual void attention_context(Buffer& context, const Buffer& probs, const Buffer* probs_step, const Buffer& v, const Buffer* v_step, const Layout& layout, Buffer* tops, int64_t slot) = 0;

  /// dprobs = dcontext v^T, dv = probs^T dcontext with dequantized operands. dprobs may be null: then only dv.
  virtual void attention_context_backward(Buffer* dprobs, Buffer& dv, const Buffer& dcontext, const Buffer& probs, const Buffer* probs_step, const Buffer& v, const Buffer* v_step, const Layout& layout) = 0;

  /// Attention of operands, no map in memory: the bytes of attention_scores, softmax_forward, dropout, quantize_symmetric and
  /// attention_context one after the other. stats[2 i], stats[2 i + 1] = maximum and inverse sum of exponentials of row i of all
  /// maps; probs_step[0] = step of the probabilities, probs_step[1] = levels / maximum, null without quantizer. v is codes where bits > 0. Codes: head_dim and keys up to 1040, where sums stay below 2^24; callers check.
  /// Raises tops[slot] by the context. Ref: [TI] 0.1, 1.3
  virtual void attention_forward(Buffer& context, Buffer& stats, Buffer* probs_step, const ScoreOperands& scores, const MapPath& path, const Buffer& v, const Buffer* v_step, const Layout& layout, Buffer* tops, int64_t slot) = 0;

  /// dq, dk, dv overwritten, the bytes of the backward operations of the same chain; the map is made again from `stats` and
  /// probs_step. dq and dk may both be null: the map is a constant. With a target the gradient weight 2 (z(s) - z(t)) / denominator of
  /// score_loss_forward is added to that of the scores. Ref: [STE], [TI] 3 L_as
  virtual void attention_backward(Buffer* dq, Buffer* dk, Buffer& dv, const Buffer& dcontext, const Buffer& stats, const Buffer* probs_step, const ScoreOperands& scores, const MapPath& path, const Buffer& v, const Buffer* v_step, const ScoreOperands* target, double denominator, double weight, const Layout& layout) = 0;

  // ---- losses: loss[slot] is F64 and overwritten; the backward adds weight * dloss/dx ------------------------------

  /// loss = sum (x - t)^2 / denominator.
  virtual void mse_forward(Buffer& loss, int64_t slot, const Buffer& x, const Buffer& t, int64_t n, double denominator) = 0;

  /// dx (+)= weight 2 (x - t) / denominator.
  virtual void mse_backward(Buffer& dx, const Buffer& x, const Buffer& t, int64_t n, double denominator, double weight, bool accumulate) = 0;

  /// MSE of attention scores over valid keys; a score <= -100 counts as 0. loss = sum / denominator. Ref: [TI] 3 L_as
  virtual void score_mse_forward(Buffer& loss, int64_t slot, const Buffer& scores, const Buffer& target, const Layout& layout, double denominator) = 0;

  /// dscores (+)= weight 2 (z(s) - z(t)) / denominator where s > -100 and the key is valid, else 0.
  virtual void score_mse_backward(Buffer& dscores, const Buffer& scores, const Buffer& target, const Layout& layout, double denominator, double weight, bool accumulate) = 0;

  /// score_mse_forward of scores and targets that are made from operands and not stored; the same bytes. Ref: [TI] 3 L_as
  virtual void score_loss_forward(Buffer& loss, int64_t slot, const ScoreOperands& scores, const ScoreOperands& target, const Layout& layout, double denominator) = 0;

  /// dq, dk = the gradient of score_loss_forward times weight, overwritten.
  virtual void score_loss_backward(Buffer& dq, Buffer& dk, const ScoreOperands& scores, const ScoreOperands& target, const Layout& layout, double denominator, double weight) = 0;

  /// Mean over sequences and heads of sum over valid i, j of p_T (log p_T - log p_S) / valid, p = max(probs, 1e-8). Ref: [TI] 3.2
  virtual void map_kl_forward(Buffer& loss, int64_t slot, const Buffer& probs, const Buffer& target, const Layout& layout) = 0;

  /// dprobs (+)= weight dloss/dprobs; 0 where the clamp 1e-8 holds.
  virtual void map_kl_backward(Buffer& dprobs, const Buffer& probs, const Buffer& target, const Layout& layout, double weight, bool accumulate) = 0;

  /// loss = sum over rows of -<softmax(t), log softmax(z)> / denominator, temperature 1. Ref: [TI] 3 L_pred
  virtual void soft_cross_entropy_forward(Buffer& loss, int64_t slot, const Buffer& z, const Buffer& t, int64_t rows, int64_t classes, double denominator) = 0;

  /// dz (+)= weight (softmax(z) - softmax(t)) / denominator.
  virtual void soft_cross_entropy_backward(Buffer& dz, const Buffer& z, const Buffer& t, int64_t rows, int64_t classes, double denominator, double weight, bool accumulate) = 0;

  /// loss = mean over rows of -log softmax(z)[label]; labels S32 in [0, classes), others as ids in gather_rows.
  virtual void cross_entropy_forward(Buffer& loss, int64_t slot, const Buffer& z, const Buffer& labels, int64_t rows, int64_t classes) = 0;

  /// dz (+)= weight (softmax(z) - onehot(label)) / rows.
  virtual void cross_entropy_backward(Buffer& dz, const Buffer& z, const Buffer& labels, int64_t rows, int64_t classes, double weight, bool accumulate) = 0;

  // ---- optimizers -------------------------------------------------------------------------------------------------

  // `guard` is S32[1]: when it is not 0 an update leaves p, m and v as they are. It is read on the device.

  /// guard[0] = 1 when any of values[0 .. n), F64, is infinite or NaN, else left as it is: several calls add up.
  virtual void guard_finite(Buffer& guard, const Buffer& values, int64_t n) = 0;

  /// out[slot] (F64) = sum of grad^2 for every tensor of the list; other elements of out stay.
  virtual void sum_squares(Buffer& out, const UpdateList& list) = 0;

  /// BertAdam for every tensor of the list: g = grad min(1, max_norm / (sqrt(norms[slot]) + 1e-6)); m, v moments without bias
  /// correction; p -= lr[slot] (m / (sqrt(v) + eps) + decay p). norms F64 holds each tensor's sum of squares, lr REAL the
  /// already scheduled rates; max_norm <= 0 switches clipping off. Ref: [BERTADAM], [TI] 4.3
  virtual void bert_adam(const UpdateList& list, const Buffer& norms, const Buffer& lr, double beta1, double beta2, double eps, double max_norm, const Buffer& guard) = 0;

  /// AdamW for every tensor of the list, with bias correction by step counts[slot] (S32, from 1) and decoupled decay; gradients
  /// are scaled by min(1, max_norm / (sqrt(norms[norm_slot]) + 1e-6)). Ref: [ADAMW]
  virtual void adamw(const UpdateList& list, const Buffer& norms, int64_t norm_slot, const Buffer& lr, const Buffer& counts, double beta1, double beta2, double eps, double max_norm, const Buffer& guard) = 0;

  /// out[slot] = sum of values[0 .. n), F64: joins per-tensor norms into the global one, in order.
  virtual void sum_f64(Buffer& out, int64_t slot, const Buffer& values, int64_t n) = 0;
};

/// Opens a backend. device: "cpu" (f32; best instruction set of this machine), "cpu:avx2", "cpu:portable" … to force one,
/// "cpu64" (f64 reference), "cuda:N", or "emulated" (tests: the CUDA backend run on the CPU; the environment variable
/// TERNION_EMULATION names its library; "emulated:KERNEL" plants an illegal access in that kernel, "emulated:smNN" runs the kernels of another compute capability). threads: 1 .. 256, of the CPU backends. Throws std::invalid_argument when the device is unknown or absent.
Backend* open_backend(const char* device, int threads);

/// Closes a backend and all its buffers.
void close_backend(Backend* backend);

}  // namespace ternion
