package dev.ternion.artifact;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Names and shapes of a BERT encoder's parameters, as Hugging Face's {@code BertModel} has them. */
public final class BertShapes {
    private static final String WORDS = "embeddings.word_embeddings.weight";
    private static final String POSITIONS = "embeddings.position_embeddings.weight";
    private static final String TYPES = "embeddings.token_type_embeddings.weight";
    private static final String FIRST_DENSE = "encoder.layer.0.intermediate.dense.weight";
    private static final String POOLER = "pooler.dense.";
    private static final int LONGEST_LIST = 1000;

    private BertShapes() {}

    /** Every parameter of the encoder and, if it has one, the pooler; [out, in] for linear weights. */
    public static Map<String, long[]> of(EncoderConfig c) {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        shapes.put(WORDS, new long[] {c.vocabSize(), c.hiddenSize()});
        shapes.put(POSITIONS, new long[] {c.maxPositions(), c.hiddenSize()});
        shapes.put(TYPES, new long[] {c.typeVocabSize(), c.hiddenSize()});
        putNorm(shapes, "embeddings.LayerNorm", c.hiddenSize());
        for (int i = 0; i < c.layers(); i++) {
            putLayer(shapes, "encoder.layer." + i + ".", c.hiddenSize(), c.intermediateSize());
        }
        if (c.hasPooler()) {
            putLinear(shapes, "pooler.dense", c.hiddenSize(), c.hiddenSize());
        }
        return shapes;
    }

    private static void putLayer(Map<String, long[]> shapes, String layer, long hidden, long inner) {
        for (String part : List.of("query", "key", "value")) {
            putLinear(shapes, layer + "attention.self." + part, hidden, hidden);
        }
        putLinear(shapes, layer + "attention.output.dense", hidden, hidden);
        putNorm(shapes, layer + "attention.output.LayerNorm", hidden);
        putLinear(shapes, layer + "intermediate.dense", inner, hidden);
        putLinear(shapes, layer + "output.dense", hidden, inner);
        putNorm(shapes, layer + "output.LayerNorm", hidden);
    }

    private static void putLinear(Map<String, long[]> shapes, String module, long out, long in) {
        shapes.put(module + ".weight", new long[] {out, in});
        shapes.put(module + ".bias", new long[] {out});
    }

    private static void putNorm(Map<String, long[]> shapes, String module, long width) {
        shapes.put(module + ".weight", new long[] {width});
        shapes.put(module + ".bias", new long[] {width});
    }

    /** Number of parameters of the encoder and, if it has one, the pooler. */
    public static long parameters(EncoderConfig config) {
        return of(config).values().stream()
                .mapToLong(shape -> Arrays.stream(shape).reduce(1, Math::multiplyExact))
                .sum();
    }

    /**
     * Compares a file's tensors with what a config asks for; tensors beyond that are no problem.
     *
     * @throws ArtifactException with every parameter that is missing, of another shape, or not floating
     */
    public static void check(Object file, TensorSource tensors, EncoderConfig config) throws IOException {
        List<String> problems = new ArrayList<>();
        Set<String> names = tensors.names();
        for (Map.Entry<String, long[]> wanted : of(config).entrySet()) {
            String name = wanted.getKey();
            if (!names.contains(name)) {
                problems.add(name + " missing");
            } else if (!Arrays.equals(tensors.shape(name), wanted.getValue())) {
                problems.add(name + " " + Arrays.toString(tensors.shape(name)) + ", wanted "
                        + Arrays.toString(wanted.getValue()));
            } else if (!isFloating(tensors.dtype(name))) {
                problems.add(name + " " + tensors.dtype(name) + ", wanted a floating type");
            }
        }
        refuse(file, problems, "every parameter in the shape that the config asks for");
    }

    private static boolean isFloating(String dtype) {
        return Dtype.named(dtype).map(d -> d.floating).orElse(false);
    }

    /** See {@link EncoderConfig#fromTensors}. */
    static EncoderConfig infer(TensorSource tensors, int heads) throws IOException {
        List<String> problems = new ArrayList<>();
        int[] words = matrix(tensors, WORDS, problems);
        int[] positions = matrix(tensors, POSITIONS, problems);
        int[] types = matrix(tensors, TYPES, problems);
        int[] dense = matrix(tensors, FIRST_DENSE, problems);
        refuse("tensors", problems, "the matrices that tell a BERT encoder's sizes");
        int hidden = words[1];
        int count = heads > 0 ? heads : EncoderConfig.usualHeads(hidden);
        if (count < 1 || hidden % count != 0) {
            throw ArtifactException.of(
                    "tensors",
                    "heads for hidden size " + hidden,
                    count == 0 ? "no usual number" : count,
                    "a divisor of " + hidden,
                    "Give the number of heads.");
        }
        boolean pooler = tensors.names().stream().anyMatch(name -> name.startsWith(POOLER));
        return new EncoderConfig(
                EncoderConfig.BERT,
                words[0],
                hidden,
                layers(tensors.names()),
                count,
                dense[0],
                positions[0],
                types[0],
                1e-12,
                0.1,
                0.1,
                pooler);
    }

    /** One more than the highest layer number, so that a layer in between that is missing is noticed. */
    private static int layers(Set<String> names) {
        int layers = 0;
        for (String name : names) {
            String[] parts = name.split("\\.", 4);
            if (parts.length == 4 && name.startsWith("encoder.layer.") && parts[2].matches("[0-9]{1,3}")) {
                layers = Math.max(layers, Integer.parseInt(parts[2]) + 1);
            }
        }
        return layers;
    }

    private static int[] matrix(TensorSource tensors, String name, List<String> problems) throws IOException {
        long[] shape = tensors.names().contains(name) ? tensors.shape(name) : null;
        boolean fits = shape != null && shape.length == 2 && inRange(shape[0]) && inRange(shape[1]);
        if (!fits) {
            problems.add(name + (shape == null ? " missing" : " " + Arrays.toString(shape) + ", wanted two extents"));
            return new int[2];
        }
        return new int[] {(int) shape[0], (int) shape[1]};
    }

    private static boolean inRange(long extent) {
        return extent > 0 && extent <= Integer.MAX_VALUE;
    }

    private static void refuse(Object file, List<String> problems, String wanted) throws ArtifactException {
        if (!problems.isEmpty()) {
            List<String> shown = problems.subList(0, Math.min(LONGEST_LIST, problems.size()));
            throw ArtifactException.of(
                    file,
                    "parameters",
                    problems.size() + " that do not fit",
                    wanted,
                    "Choose a complete model, or correct config.json: " + String.join("; ", shown) + ".");
        }
    }
}
