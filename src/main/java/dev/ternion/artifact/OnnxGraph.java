package dev.ternion.artifact;

import java.util.List;
import java.util.Map;

/**
 * What is kept of an ONNX graph: the places of the initializers and the nodes that tell the names of linear weights.
 *
 * @param initializers by name, in file order; offsets count from the start of the file
 * @param skipped names of initializers of a type or layout that no parameter has
 * @param nodes MatMul, Add and Gemm nodes in file order
 */
record OnnxGraph(Map<String, TensorEntry> initializers, List<String> skipped, List<Node> nodes) {

    /**
     * One node.
     *
     * @param transB the Gemm attribute: the weight is stored [out, in]
     */
    record Node(String op, List<String> inputs, List<String> outputs, boolean transB) {}
}
