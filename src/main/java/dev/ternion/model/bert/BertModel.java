package dev.ternion.model.bert;

import dev.ternion.backend.Device;
import dev.ternion.intervention.Site;
import dev.ternion.model.EncoderLayer;
import dev.ternion.model.Keep;
import dev.ternion.model.LayerTrace;
import dev.ternion.model.Linear;
import dev.ternion.model.Parameters;
import dev.ternion.model.Pass;
import dev.ternion.model.TeacherSignals;
import dev.ternion.model.Trace;
import dev.ternion.quant.QuantSpec;
import dev.ternion.quant.Quantizer;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;
import dev.ternion.tensor.ops.Dropout;
import dev.ternion.tensor.ops.Embedding;
import dev.ternion.tensor.ops.MeanPool;
import dev.ternion.tensor.ops.ScoreMap;
import dev.ternion.tensor.ops.Tanh;
import java.util.ArrayList;
import java.util.List;

/** A BERT encoder with its head. Parameter values are undefined until loaded. */
public final class BertModel implements AutoCloseable {
    private final BertConfig config;
    private final Quantizer quantizer;
    private final Parameters parameters;
    private final Embeddings embeddings;
    private final List<EncoderLayer> layers = new ArrayList<>();
    private final Linear pooler;
    private final Linear classifier;

    /** @param quant null for full precision */
    public BertModel(Device device, BertConfig config, QuantSpec quant) {
        this.config = config;
        quantizer = new Quantizer(quant);
        parameters = new Parameters(device);
        embeddings = new Embeddings(parameters, config, quantizer);
        for (int l = 0; l < config.layers(); l++) {
            layers.add(new EncoderLayer(
                    parameters, "encoder.layer." + l, config.hidden(), config.feedForward(), config.eps(), quantizer));
        }
        Quantizer poolerQuantizer = quant != null && quant.pooler() ? quantizer : Quantizer.none();
        pooler = config.pooling() == BertConfig.Pooling.POOLER
                ? new Linear(parameters, "pooler.dense", config.hidden(), config.hidden(), poolerQuantizer)
                : null;
        classifier = config.outputs() > 0
                ? new Linear(parameters, "classifier", config.hidden(), config.outputs(), Quantizer.none())
                : null;
    }

    /**
     * Runs the model.
     *
     * @param intervention teacher signals to take over, or null
     */
    public Trace forward(Pass pass, TokenBatch batch, TeacherSignals intervention) {
        Tensor x = embeddings.forward(pass, batch);
        Tensor first = pass.keep().hidden() ? x : null;
        List<LayerTrace> traces = new ArrayList<>();
        Site site = intervention == null ? null : intervention.site();
        for (int l = 0; l < layers.size(); l++) {
            LayerTrace teacher =
                    intervention == null ? null : intervention.trace().layers().get(l);
            LayerTrace trace = layer(pass, l, x, site, teacher);
            x = trace.hidden();
            traces.add(trace);
        }
        Tensor pooled = pool(pass, batch, x);
        Tensor logits = null;
        if (classifier != null) {
            int site0 = 1 + EncoderLayer.DROPOUT_SITES * layers.size();
            logits = classifier.forward(pass.tape(), Dropout.of(pass.tape(), pooled, pass.mask(site0)));
        }
        return new Trace(first, traces, pooled, logits);
    }

    /** Without a gradient to come, a layer's other values live only as long as the layer runs. */
    private LayerTrace layer(Pass pass, int l, Tensor x, Site site, LayerTrace teacher) {
        int firstDropout = 1 + EncoderLayer.DROPOUT_SITES * l;
        Tape tape = pass.tape();
        if (tape.recording()) {
            return layers.get(l).forward(pass, x, site, teacher, firstDropout);
        }
        Keep keep = pass.keep();
        try (Tape inner = tape.inner()) {
            LayerTrace t = layers.get(l).forward(pass.on(inner), x, site, teacher, firstDropout);
            return new LayerTrace(
                    kept(inner, tape, t.scores(), keep.scores()),
                    kept(inner, tape, t.map(), keep.map()),
                    kept(inner, tape, t.context(), keep.context()),
                    kept(inner, tape, t.output(), keep.output()),
                    kept(inner, tape, t.attention(), keep.attention()),
                    kept(inner, tape, t.hidden(), true),
                    kept(inner, tape, t.operands(), keep.operands()));
        }
    }

    private static ScoreMap kept(Tape inner, Tape outer, ScoreMap map, boolean wanted) {
        if (map == null || !wanted) {
            return null;
        }
        map.moveTo(inner, outer);
        return map;
    }

    private static Tensor kept(Tape inner, Tape outer, Tensor value, boolean wanted) {
        if (value == null || !wanted) {
            return null;
        }
        inner.moveTo(outer, value);
        return value;
    }

    private Tensor pool(Pass pass, TokenBatch batch, Tensor x_TD) {
        Tape tape = pass.tape();
        if (config.pooling() == BertConfig.Pooling.MEAN) {
            return MeanPool.of(tape, x_TD, batch.layout());
        }
        Tensor cls_BD =
                Embedding.of(tape, x_TD, batch.layout().starts(), batch.layout().batch());
        if (pooler == null) {
            return cls_BD;
        }
        Quantizer used = pooler.quantized() == null ? Quantizer.none() : quantizer;
        return Tanh.of(tape, pooler.forward(tape, used.input(tape, cls_BD)));
    }

    /** Sizes. */
    public BertConfig config() {
        return config;
    }

    /** Quantizer settings, or null for full precision. */
    public QuantSpec quant() {
        return quantizer.spec();
    }

    /** Parameters in a fixed order. */
    public Parameters parameters() {
        return parameters;
    }

    /** All quantized linear layers, in order; empty in full precision. */
    public List<Linear> quantizedLinears() {
        List<Linear> all = new ArrayList<>();
        layers.forEach(layer -> all.addAll(layer.linears()));
        if (pooler != null) {
            all.add(pooler);
        }
        all.removeIf(linear -> linear.quantized() == null);
        return all;
    }

    @Override
    public void close() {
        layers.forEach(EncoderLayer::close);
        if (pooler != null) {
            pooler.close();
        }
        parameters.close();
    }
}
