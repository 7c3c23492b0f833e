package dev.ternion.quant;

import dev.ternion.backend.Device;
import dev.ternion.quant.QuantSpec.Granularity;
import dev.ternion.quant.QuantSpec.WeightRule;
import dev.ternion.tensor.Parameter;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;
import dev.ternion.tensor.Top;
import dev.ternion.tensor.Variable;
import dev.ternion.tensor.ops.Attention;
import dev.ternion.tensor.ops.Binarize;
import dev.ternion.tensor.ops.Quantize;
import dev.ternion.tensor.ops.QuantizedWeight;
import dev.ternion.tensor.ops.TernaryRows;

/** Applies a {@link QuantSpec}; without one it leaves everything in full precision. */
public final class Quantizer {
    /** Of Q, K, V and the map where the inputs of linear layers have one bit: a binary map would keep nothing of the order. */
    private static final int ATTENTION_BITS = 8;

    private final QuantSpec spec;

    /** @param spec null for full precision */
    public Quantizer(QuantSpec spec) {
        this.spec = spec;
    }

    /** Full precision. */
    public static Quantizer none() {
        return new Quantizer(null);
    }

    /** The settings, or null. */
    public QuantSpec spec() {
        return spec;
    }

    /** Whether anything is quantized. */
    public boolean active() {
        return spec != null;
    }

    /** The input of a linear layer as codes, or unchanged. */
    public Variable input(Tape tape, Tensor x) {
        if (spec == null) {
            return x;
        }
        boolean perRow = spec.activationGranularity() == Granularity.ROW;
        if (spec.activationBits() > 1) {
            return Quantize.of(tape, x, perRow, spec.activationClip(), spec.activationBits());
        }
        boolean packed = spec.weights() == WeightRule.BINARY && spec.weightGranularity() != Granularity.GROUP;
        return Binarize.of(tape, x, perRow, spec.activationClip(), packed);
    }

    /** An operand of an attention product as codes with one step, or unchanged. One-bit activations keep 8 bits here. */
    public Variable attentionOperand(Tape tape, Tensor x) {
        if (spec == null || !spec.attention()) {
            return x;
        }
        return Quantize.of(tape, x, false, spec.activationClip(), attentionBits());
    }

    private int attentionBits() {
        return spec.activationBits() == 1 ? ATTENTION_BITS : spec.activationBits();
    }

    /** For the operation that makes an input: where {@link #input} looks up its largest magnitude, or null. */
    public Top inputTop(Tape tape) {
        boolean read = spec != null && spec.activationGranularity() == Granularity.TENSOR && spec.activationBits() > 1;
        return read ? tape.top() : null;
    }

    /** For the operation that makes an operand: where {@link #attentionOperand} looks up its largest magnitude, or null. */
    public Top operandTop(Tape tape) {
        return spec == null || !spec.attention() ? null : tape.top();
    }

    /** How probabilities become an operand of an attention product, or null: they stay as they are. */
    public Attention.Rounding probabilities() {
        return spec == null || !spec.attention()
                ? null
                : new Attention.Rounding(spec.activationClip(), attentionBits());
    }

    /** Gathered word embeddings, quantized row by row or unchanged. */
    public Tensor embeddings(Tape tape, Tensor rows) {
        if (spec == null || !spec.embeddings()) {
            return rows;
        }
        return TernaryRows.of(tape, rows, spec.weights() == WeightRule.BINARY, spec.weightClip());
    }

    /** Codes of a linear layer's weight; null in full precision. */
    public QuantizedWeight weight(Device device, Parameter weight) {
        if (spec == null) {
            return null;
        }
        long in = weight.shape().size(1);
        long group = switch (spec.weightGranularity()) {
            case TENSOR -> weight.shape().elements();
            case ROW -> in;
            case GROUP -> spec.weightGroup();
        };
        if (in % group != 0 && group != weight.shape().elements()) {
            throw new IllegalArgumentException(
                    "weight group " + group + " does not divide the input size " + in + " of " + weight.name());
        }
        return new QuantizedWeight(device, weight, spec.weights() == WeightRule.BINARY, group, spec.weightClip());
    }

    /** Frees a value that only had to be encoded; in full precision the backward pass still needs it. */
    public void encoded(Tape tape, Tensor x, Variable codes) {
        if (codes != x) {
            tape.drop(x);
        }
    }
}
