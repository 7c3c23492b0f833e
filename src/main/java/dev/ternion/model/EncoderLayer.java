package dev.ternion.model;

import dev.ternion.intervention.Site;
import dev.ternion.quant.Quantizer;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Self-attention and feed-forward, each with dropout, residual and layer norm after it (post-norm). Ref: [BERT] */
public final class EncoderLayer implements AutoCloseable {
    /** Dropout sites of one layer: map, attention output, feed-forward output. */
    public static final int DROPOUT_SITES = 3;

    private final SelfAttention attention;
    private final LayerNorm attentionNorm;
    private final FeedForward feedForward;
    private final LayerNorm outputNorm;
    private final Quantizer quantizer;

    public EncoderLayer(
            Parameters parameters, String prefix, long hidden, long feedForwardSize, double eps, Quantizer quantizer) {
        attention = new SelfAttention(parameters, prefix + ".attention", hidden, quantizer);
        attentionNorm = new LayerNorm(parameters, prefix + ".attention.output.LayerNorm", hidden, eps);
        feedForward = new FeedForward(parameters, prefix, hidden, feedForwardSize, quantizer);
        this.quantizer = quantizer;
        outputNorm = new LayerNorm(parameters, prefix + ".output.LayerNorm", hidden, eps);
    }

    /**
     * All signals of the layer.
     *
     * @param x_TD X_l
     * @param site replaced site, or null
     * @param teacher the teacher's signals of this layer; used when {@code site} is not null
     * @param firstDropout first of the layer's {@link #DROPOUT_SITES} dropout numbers
     */
    public LayerTrace forward(Pass pass, Tensor x_TD, Site site, LayerTrace teacher, int firstDropout) {
        Tape tape = pass.tape();
        LayerTrace a = attention.forward(pass, x_TD, site, teacher, firstDropout);
        Tensor attended_TD =
                attentionNorm.residual(tape, a.output(), x_TD, pass.mask(firstDropout + 1), quantizer.inputTop(tape));
        if (!pass.keep().output()) {
            tape.drop(a.output());
        }
        Tensor branch = feedForward.forward(tape, attended_TD);
        Tensor hidden_TD =
                outputNorm.residual(tape, branch, attended_TD, pass.mask(firstDropout + 2), quantizer.inputTop(tape));
        tape.drop(branch);
        return new LayerTrace(a.scores(), a.map(), a.context(), a.output(), attended_TD, hidden_TD, a.operands());
    }

    /** The six linear layers: query, key, value, attention output, intermediate, output. */
    public List<Linear> linears() {
        List<Linear> all = new ArrayList<>(attention.linears());
        all.addAll(feedForward.linears());
        return all;
    }

    @Override
    public void close() {
        attention.close();
        feedForward.close();
    }
}
