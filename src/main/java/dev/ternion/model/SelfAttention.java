package dev.ternion.model;

import dev.ternion.intervention.Site;
import dev.ternion.quant.Quantizer;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;
import dev.ternion.tensor.Top;
import dev.ternion.tensor.Variable;
import dev.ternion.tensor.ops.AttentionContext;
import dev.ternion.tensor.ops.AttentionScores;
import dev.ternion.tensor.ops.Dropout;
import dev.ternion.tensor.ops.Softmax;
import java.util.List;

/**
 * Multi-head self-attention up to the dense output, with Teacher Intervention at MAP, CONTEXT or OUTPUT. Under an
 * intervention queries and keys see the input cut off from gradients, and whatever the replacement makes dead is not
 * computed. Ref: [TI] 2.1, 7.2
 */
public final class SelfAttention implements AutoCloseable {
    private final Linear query;
    private final Linear key;
    private final Linear value;
    private final Linear dense;
    private final Quantizer quantizer;

    /** Names as in Hugging Face: {@code prefix.self.query}, ..., {@code prefix.output.dense}. */
    public SelfAttention(Parameters parameters, String prefix, long hidden, Quantizer quantizer) {
        query = new Linear(parameters, prefix + ".self.query", hidden, hidden, quantizer);
        key = new Linear(parameters, prefix + ".self.key", hidden, hidden, quantizer);
        value = new Linear(parameters, prefix + ".self.value", hidden, hidden, quantizer);
        dense = new Linear(parameters, prefix + ".output.dense", hidden, hidden, quantizer);
        this.quantizer = quantizer;
    }

    /**
     * Signals up to {@code output}; {@code attention} and {@code hidden} of the result are null.
     *
     * @param x_TD the layer's input
     * @param site replaced site, or null
     * @param teacher the teacher's signals of this layer; used when {@code site} is not null
     * @param dropoutSite number of the map's dropout
     */
    LayerTrace forward(Pass pass, Tensor x_TD, Site site, LayerTrace teacher, int dropoutSite) {
        Tape tape = pass.tape();
        boolean needsContext = site == null || site == Site.MAP;
        boolean needsMap = site == null || pass.keep().map();
        boolean needsScores = needsMap || pass.keep().scores();
        Variable input = needsScores || needsContext ? quantizer.input(tape, x_TD) : null;
        Tensor scores = needsScores ? scores(pass, site == null ? input : input.detached()) : null;
        Dropout.Mask mask = pass.mask(dropoutSite);
        Top top = needsContext ? quantizer.operandTop(tape) : null;
        boolean mapIsOperand = site == null && mask.probability() == 0;
        Tensor map = needsMap ? Softmax.of(tape, scores, pass.layout(), mapIsOperand ? top : null) : null;
        Tensor context = null;
        if (needsContext) {
            Tensor used = site == Site.MAP ? teacher.map() : map;
            context = context(pass, Dropout.of(tape, used, mask, top), used, input);
        } else if (site == Site.CONTEXT) {
            context = teacher.context();
        }
        Tensor output = site == Site.OUTPUT ? teacher.output() : dense(pass, context);
        return new LayerTrace(scores, map, context, output, null, null);
    }

    private Tensor scores(Pass pass, Variable input) {
        Tape tape = pass.tape();
        Tensor q = query.forward(tape, input, quantizer.operandTop(tape));
        Tensor k = key.forward(tape, input, quantizer.operandTop(tape));
        Variable qHat = quantizer.attentionOperand(tape, q), kHat = quantizer.attentionOperand(tape, k);
        quantizer.encoded(tape, q, qHat);
        quantizer.encoded(tape, k, kHat);
        return AttentionScores.of(tape, qHat, kHat, pass.layout());
    }

    private Tensor context(Pass pass, Tensor dropped, Tensor map, Variable input) {
        Tape tape = pass.tape();
        Tensor v = value.forward(tape, input, quantizer.operandTop(tape));
        Variable vHat = quantizer.attentionOperand(tape, v), mapHat = quantizer.attentionOperand(tape, dropped);
        quantizer.encoded(tape, v, vHat);
        if (dropped != map) {
            quantizer.encoded(tape, dropped, mapHat);
        }
        return AttentionContext.of(tape, mapHat, vHat, pass.layout(), quantizer.inputTop(tape));
    }

    private Tensor dense(Pass pass, Tensor context) {
        Variable input = quantizer.input(pass.tape(), context);
        if (!pass.keep().context()) {
            quantizer.encoded(pass.tape(), context, input);
        }
        return dense.forward(pass.tape(), input);
    }

    /** The four linear layers: query, key, value, dense. */
    public List<Linear> linears() {
        return List.of(query, key, value, dense);
    }

    @Override
    public void close() {
        linears().forEach(Linear::close);
    }
}
