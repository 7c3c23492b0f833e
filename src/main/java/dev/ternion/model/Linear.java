package dev.ternion.model;

import dev.ternion.quant.Quantizer;
import dev.ternion.tensor.Codes;
import dev.ternion.tensor.Parameter;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;
import dev.ternion.tensor.Top;
import dev.ternion.tensor.Variable;
import dev.ternion.tensor.ops.Gelu;
import dev.ternion.tensor.ops.QuantizedLinear;
import dev.ternion.tensor.ops.QuantizedWeight;

/** A linear layer, dense or quantized. Its input comes from {@link Quantizer#input}, so that several layers can share it. */
public final class Linear implements AutoCloseable {
    private final Parameter weight;
    private final Parameter bias;
    private final QuantizedWeight quantized;

    /** Parameters {@code name.weight} [out, in] and {@code name.bias} [out]. */
    public Linear(Parameters parameters, String name, long in, long out, Quantizer quantizer) {
        weight = parameters.create(name + ".weight", out, in);
        bias = parameters.create(name + ".bias", out);
        quantized = quantizer.weight(parameters.device(), weight);
        if (quantized != null) {
            parameters.attach(quantized);
        }
    }

    /** y[rows, out]. */
    public Tensor forward(Tape tape, Variable x) {
        return forward(tape, x, null);
    }

    /** The same, a quantized layer keeping y's largest magnitude in {@code top} where that is not null. */
    Tensor forward(Tape tape, Variable x, Top top) {
        return quantized == null
                ? dev.ternion.tensor.ops.Linear.of(tape, (Tensor) x, weight, bias, tape.roundsForward())
                : QuantizedLinear.of(tape, (Codes) x, quantized, bias, tape.roundsBackward(), top);
    }

    /** GELU of y, a quantized layer keeping its largest magnitude in {@code top} where that is not null. */
    Tensor gelu(Tape tape, Variable x, Top top) {
        return quantized == null
                ? Gelu.of(tape, forward(tape, x))
                : QuantizedLinear.gelu(tape, (Codes) x, quantized, bias, tape.roundsBackward(), top);
    }

    /** Codes and scales, or null for a dense layer. */
    public QuantizedWeight quantized() {
        return quantized;
    }

    @Override
    public void close() {
        if (quantized != null) {
            quantized.close();
        }
    }
}
