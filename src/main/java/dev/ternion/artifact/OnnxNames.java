package dev.ternion.artifact;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Hugging Face names for the initializers of an exported encoder.
 *
 * <p>Exporting folds the transpose of a linear layer into its weight, which thereby loses its name. The bias keeps its
 * own: where MatMul(x, W) is added to {@code p.bias}, W is {@code p.weight}, stored [in, out]. In Gemm(x, W, p.bias)
 * the attribute transB says whether W is stored [out, in].
 *
 * @param byName what is delivered, in file order
 * @param leftOut initializers that are not
 */
record OnnxNames(Map<String, Weight> byName, List<String> leftOut) {
    private static final String WEIGHT = ".weight";
    private static final String BIAS = ".bias";

    /**
     * A parameter and its place.
     *
     * @param transposed stored [in, out], to be delivered [out, in]
     */
    record Weight(TensorEntry stored, boolean transposed) {

        TensorEntry delivered(String name) {
            long[] shape = stored.shape();
            long[] seen = transposed ? new long[] {shape[1], shape[0]} : shape;
            return new TensorEntry(name, stored.dtype(), seen, stored.offset(), stored.size());
        }
    }

    /** A linear layer found in the graph: its bias, and how its weight is stored. */
    private record Linear(String bias, boolean transposed) {}

    static OnnxNames of(Path file, OnnxGraph graph) throws ArtifactException {
        Map<String, Linear> linears = linears(file, graph);
        Map<String, Weight> byName = new LinkedHashMap<>();
        List<String> leftOut = new ArrayList<>(graph.skipped());
        for (TensorEntry stored : graph.initializers().values()) {
            Linear linear = linears.get(stored.name());
            String name = linear == null ? stored.name() : weightOf(linear.bias());
            if (!stored.dtype().floating || !isParameter(name)) {
                leftOut.add(stored.name());
            } else if (byName.putIfAbsent(name, new Weight(stored, linear != null && linear.transposed())) != null) {
                throw ambiguous(file, "parameter \"" + name + "\"", "two initializers", "one");
            }
        }
        return new OnnxNames(byName, List.copyOf(leftOut));
    }

    private static boolean isParameter(String name) {
        return name.endsWith(WEIGHT) || name.endsWith(BIAS);
    }

    private static String weightOf(String bias) {
        return bias.substring(0, bias.length() - BIAS.length()) + WEIGHT;
    }

    /** Weight initializer → its layer. */
    private static Map<String, Linear> linears(Path file, OnnxGraph graph) throws ArtifactException {
        Map<String, String> biasOfSum = biasAddedTo(graph);
        Map<String, Linear> linears = new HashMap<>();
        for (OnnxGraph.Node node : graph.nodes()) {
            String weight = node.inputs().size() < 2 ? null : node.inputs().get(1);
            String bias = bias(node, biasOfSum);
            if (bias != null && graph.initializers().containsKey(weight)) {
                boolean transposed = !(node.op().equals("Gemm") && node.transB());
                Linear linear = new Linear(bias, transposed);
                requireFits(file, graph, weight, linear);
                Linear before = linears.putIfAbsent(weight, linear);
                if (before != null && !before.equals(linear)) {
                    throw ambiguous(file, "initializer \"" + weight + "\"", before.bias() + " and " + bias, "one bias");
                }
            }
        }
        return linears;
    }

    /** Bias of a linear node, or null. */
    private static String bias(OnnxGraph.Node node, Map<String, String> biasOfSum) {
        if (node.op().equals("MatMul") && node.outputs().size() == 1) {
            return biasOfSum.get(node.outputs().get(0));
        }
        boolean gemm = node.op().equals("Gemm") && node.inputs().size() == 3;
        return gemm && node.inputs().get(2).endsWith(BIAS) ? node.inputs().get(2) : null;
    }

    /** For every Add of something and a {@code *.bias} initializer, in either order: the something → the bias. */
    private static Map<String, String> biasAddedTo(OnnxGraph graph) {
        Map<String, String> found = new HashMap<>();
        for (OnnxGraph.Node node : graph.nodes()) {
            if (node.op().equals("Add") && node.inputs().size() == 2) {
                for (int i = 0; i < 2; i++) {
                    String bias = node.inputs().get(i);
                    if (bias.endsWith(BIAS) && graph.initializers().containsKey(bias)) {
                        found.put(node.inputs().get(1 - i), bias);
                    }
                }
            }
        }
        return found;
    }

    private static void requireFits(Path file, OnnxGraph graph, String weight, Linear linear) throws ArtifactException {
        TensorEntry matrix = graph.initializers().get(weight);
        TensorEntry bias = graph.initializers().get(linear.bias());
        long out = matrix.shape().length == 2 ? matrix.shape()[linear.transposed() ? 1 : 0] : -1;
        if (bias == null || bias.shape().length != 1 || bias.shape()[0] != out) {
            String seen = matrix.shapeText() + " and " + (bias == null ? "no initializer" : bias.shapeText());
            throw ambiguous(
                    file, "shapes of \"" + weight + "\" and \"" + linear.bias() + "\"", seen, "a matrix and its bias");
        }
    }

    private static ArtifactException ambiguous(Path file, String what, String seen, String wanted) {
        return ArtifactException.of(
                file, what, seen, wanted, "Export the model from Hugging Face again, or bring it as safetensors.");
    }
}
