package dev.ternion.bench;

import dev.ternion.backend.Device;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What is timed on a kind of device: the shapes of BERT on CUDA, fewer of them on the CPU, toys on the emulation.
 *
 * @param steps whole training steps
 * @param products linear layers
 * @param attentions attention blocks
 * @param optimizers models whose parameters are updated
 */
record Cases(List<Step> steps, List<Product> products, List<Attention> attentions, List<Optimizer> optimizers) {
    /** A TI-QAT step: model, sequences in the batch, tokens of each. */
    record Step(Encoder model, int batch, int length) {
        Map<String, Object> fields() {
            return row("model", model.name, "batch", batch, "seq", length);
        }
    }

    /** A linear layer: rows m, outputs n, inputs k; kind dense, ternary, binary (8-bit inputs), or w1a1 (binary, one-bit inputs). */
    record Product(String kind, int m, int n, int k) {
        Map<String, Object> fields() {
            return row("kind", kind, "m", m, "n", n, "k", k);
        }
    }

    /**
     * Attention of codes.
     *
     * @param storedMaps false: maps are made from their operands, as in jobs; true: they are tensors, as where someone wants
     *     their elements
     */
    record Attention(int batch, int length, int heads, int headDim, boolean storedMaps) {
        Map<String, Object> fields() {
            String maps = storedMaps ? "stored" : "operands";
            return row("maps", maps, "batch", batch, "seq", length, "heads", heads, "head_dim", headDim);
        }
    }

    /** AdamW and ternarization of all linear weights of an encoder. */
    record Optimizer(Encoder model) {
        Map<String, Object> fields() {
            return row("model", model.name);
        }
    }

    /** Shapes of encoders. */
    enum Encoder {
        BASE("base", 30522, 768, 12, 12),
        MINILM("minilm", 30522, 384, 6, 12),
        MICRO("micro", 50, 32, 2, 2);

        final String name;
        final int vocabulary;
        final int hidden;
        final int layers;
        final int heads;

        Encoder(String name, int vocabulary, int hidden, int layers, int heads) {
            this.name = name;
            this.vocabulary = vocabulary;
            this.hidden = hidden;
            this.layers = layers;
            this.heads = heads;
        }

        static Encoder named(String name) {
            for (Encoder encoder : values()) {
                if (encoder.name.equals(name)) {
                    return encoder;
                }
            }
            throw new IllegalArgumentException("model is \"" + name + "\", wanted base, minilm or micro");
        }
    }

    static Cases of(Device device) {
        if (device.name().startsWith("cuda")) {
            return new Cases(
                    List.of(
                            new Step(Encoder.BASE, 32, 128),
                            new Step(Encoder.BASE, 16, 64),
                            new Step(Encoder.MINILM, 16, 64)),
                    products(new int[] {1, 8, 16, 64, 1024, 4096}, 768),
                    attentions(new int[][] {{32, 128}, {16, 64}, {8, 512}}, 12, 64),
                    List.of(new Optimizer(Encoder.BASE), new Optimizer(Encoder.MINILM)));
        }
        if (device.name().startsWith("cpu")) {
            return new Cases(
                    List.of(new Step(Encoder.MINILM, 16, 64)),
                    products(new int[] {1, 16, 1024}, 768),
                    attentions(new int[][] {{16, 64}}, 12, 32),
                    List.of(new Optimizer(Encoder.MINILM)));
        }
        return new Cases(
                List.of(new Step(Encoder.MICRO, 4, 8)),
                products(new int[] {1, 16}, 32),
                attentions(new int[][] {{2, 8}}, 2, 16),
                List.of(new Optimizer(Encoder.MICRO)));
    }

    /** The three linear shapes of an encoder of this width; few rows are the packed products of CUDA. */
    private static List<Product> products(int[] rows, int hidden) {
        List<Product> all = new ArrayList<>();
        for (String kind : List.of("ternary", "binary", "w1a1", "dense")) {
            for (int m : rows) {
                all.add(new Product(kind, m, hidden, hidden));
                all.add(new Product(kind, m, 4 * hidden, hidden));
                all.add(new Product(kind, m, hidden, 4 * hidden));
            }
        }
        return all;
    }

    /** Sequences and tokens of each, with and without maps in memory. */
    private static List<Attention> attentions(int[][] batches, int heads, int headDim) {
        return Arrays.stream(batches)
                .flatMap(batch ->
                        Stream.of(false, true).map(stored -> new Attention(batch[0], batch[1], heads, headDim, stored)))
                .toList();
    }

    /** Fields in order: name, value, name, value. */
    static Map<String, Object> row(Object... fields) {
        Map<String, Object> row = new LinkedHashMap<>();
        for (int i = 0; i < fields.length; i += 2) {
            row.put((String) fields[i], fields[i + 1]);
        }
        return row;
    }
}
