package dev.ternion.model;

import dev.ternion.quant.Quantizer;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;
import dev.ternion.tensor.Variable;
import java.util.List;

/** {@code W_2 gelu(W_1 x)}: the feed-forward part of an encoder layer, before dropout and residual. */
public final class FeedForward implements AutoCloseable {
    private final Linear inner;
    private final Linear outer;
    private final Quantizer quantizer;

    /** Names as in Hugging Face: {@code prefix.intermediate.dense}, {@code prefix.output.dense}. */
    public FeedForward(Parameters parameters, String prefix, long hidden, long size, Quantizer quantizer) {
        inner = new Linear(parameters, prefix + ".intermediate.dense", hidden, size, quantizer);
        outer = new Linear(parameters, prefix + ".output.dense", size, hidden, quantizer);
        this.quantizer = quantizer;
    }

    Tensor forward(Tape tape, Tensor x_TD) {
        Tensor activated_TF = inner.gelu(tape, quantizer.input(tape, x_TD), quantizer.inputTop(tape));
        Variable input = quantizer.input(tape, activated_TF);
        quantizer.encoded(tape, activated_TF, input);
        return outer.forward(tape, input);
    }

    /** The two linear layers. */
    public List<Linear> linears() {
        return List.of(inner, outer);
    }

    @Override
    public void close() {
        linears().forEach(Linear::close);
    }
}
