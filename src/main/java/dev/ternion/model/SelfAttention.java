package dev.ternion.model;

import dev.ternion.intervention.Site;
import dev.ternion.quant.Quantizer;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;
import dev.ternion.tensor.Top;
import dev.ternion.tensor.Variable;
import dev.ternion.tensor.ops.Attention;
import dev.ternion.tensor.ops.AttentionContext;
import dev.ternion.tensor.ops.AttentionScores;
import dev.ternion.tensor.ops.Dropout;
import dev.ternion.tensor.ops.ScoreMap;
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
     * Signals up to {@code output}. Maps are stored where their elements are wanted ({@link Keep#wholeMaps}), else only ever
     * made in parts from their operands; the bytes are the same.
     * {@code attention} and {@code hidden} of the result are null.
     *
     * @param x_TD the layer's input
     * @param site replaced site, or null
     * @param teacher the teacher's signals of this layer; used when {@code site} is not null
     * @param dropoutSite number of the map's dropout
     */
    LayerTrace forward(Pass pass, Tensor x_TD, Site site, LayerTrace teacher, int dropoutSite) {
        boolean needsContext = site == null || site == Site.MAP;
        boolean needsScores = site == null || wantsScores(pass.keep());
        Variable input = needsScores || needsContext ? quantizer.input(pass.tape(), x_TD) : null;
        ScoreMap own = needsScores ? operands(pass, site == null ? input : input.detached()) : null;
        Tensor scores = null, map = null;
        Dropout.Mask mask = pass.mask(dropoutSite);
        Top top = needsContext && pass.keep().wholeMaps() ? quantizer.operandTop(pass.tape()) : null;
        if (own != null && pass.keep().wholeMaps()) {
            boolean mapIsOperand = site == null && mask.probability() == 0;
            scores = AttentionScores.of(pass.tape(), own.q(), own.k(), pass.layout());
            map = site == null || pass.keep().map()
                    ? Softmax.of(pass.tape(), scores, pass.layout(), mapIsOperand ? top : null)
                    : null;
        }
        Tensor context = null;
        if (needsContext && pass.keep().wholeMaps()) {
            context = contextOfMap(pass, site == Site.MAP ? teacher.map() : map, input, mask, top);
        } else if (needsContext) {
            ScoreMap used = site == Site.MAP ? teacher.operands() : own;
            Variable v = values(pass, input);
            Top contextTop = quantizer.inputTop(pass.tape());
            context = Attention.of(pass.tape(), used, v, mask, quantizer.probabilities(), contextTop);
        } else if (site == Site.CONTEXT) {
            context = teacher.context();
        }
        Tensor output = site == Site.OUTPUT ? teacher.output() : dense(pass, context);
        return new LayerTrace(scores, map, context, output, null, null, own);
    }

    private static boolean wantsScores(Keep keep) {
        return keep.wholeMaps() || keep.operands();
    }

    private ScoreMap operands(Pass pass, Variable input) {
        Tape tape = pass.tape();
        Tensor q = query.forward(tape, input, quantizer.operandTop(tape));
        Tensor k = key.forward(tape, input, quantizer.operandTop(tape));
        Variable qHat = quantizer.attentionOperand(tape, q), kHat = quantizer.attentionOperand(tape, k);
        quantizer.encoded(tape, q, qHat);
        quantizer.encoded(tape, k, kHat);
        return ScoreMap.of(tape, qHat, kHat, pass.layout());
    }

    private Variable values(Pass pass, Variable input) {
        Tensor v = value.forward(pass.tape(), input, quantizer.operandTop(pass.tape()));
        Variable vHat = quantizer.attentionOperand(pass.tape(), v);
        quantizer.encoded(pass.tape(), v, vHat);
        return vHat;
    }

    private Tensor contextOfMap(Pass pass, Tensor map, Variable input, Dropout.Mask mask, Top top) {
        Tape tape = pass.tape();
        Tensor dropped = Dropout.of(tape, map, mask, top);
        Variable vHat = values(pass, input), mapHat = quantizer.attentionOperand(tape, dropped);
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
