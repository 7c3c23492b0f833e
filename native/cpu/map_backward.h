// Gradients of attention operands, the map made again row by row.
#pragma once
#include "map_rows.h"

namespace ternion {
namespace TERNION_NS {

/// What the probabilities of an attention need to be made again, and the gradient that comes back.
struct AttentionPart {
  Path path;
  Operand v, dcontext;
  const real* stats;
  real probs_step;  ///< 1 without quantizer
  real scale;       ///< levels / maximum of the quantizer
  real* dv;
};

/// The backward pass of (sequence, head) blocks. Each sum runs over queries or keys in order, as in the operations that
/// store maps, so the bytes are theirs.
struct MapBackward {
  const Blocks& all;
  const ScoreSource& source;
  const ScoreSource* wanted;  ///< targets of a score loss, or null
  real loss_factor;           ///< 2 weight / denominator
  const AttentionPart* attention = nullptr;
  real *dq = nullptr, *dk = nullptr;  ///< both null: the scores are constants

  void run(const Block& b) const;

 private:
  struct Memory;
  void load(const Memory& m, const Block& b) const;
  void probability_rows(const Memory& m, const Block& b, int64_t first, int64_t count) const;
  void value_rows(const Memory& m, const Block& b, int64_t first, int64_t count) const;
  void score_gradient(const Memory& m, const Block& b, int64_t first, int64_t count) const;
  void softmax_gradient(real* ds, const real* dprobs, const real* probs, const real* dropped, const uint32_t* words,
                        const Block& b, bool add) const;
  void operand_rows(const Memory& m, const Block& b, int64_t first, int64_t count) const;
  void store(const Memory& m, const Block& b) const;
};

}  // namespace TERNION_NS
}  // namespace ternion
