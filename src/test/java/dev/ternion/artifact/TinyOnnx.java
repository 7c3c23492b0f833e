package dev.ternion.artifact;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;

/** Writes ONNX files by hand, field by field, as the exporter lays them out. */
final class TinyOnnx {
    private TinyOnnx() {}

    /** Writes one message. */
    interface Fields {
        void to(CodedOutputStream out) throws IOException;
    }

    static byte[] message(Fields fields) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        fields.to(out);
        out.flush();
        return bytes.toByteArray();
    }

    static byte[] modelOf(Fields graph) throws IOException {
        byte[] inner = message(graph);
        return message(out -> {
            out.writeInt64(1, 7);
            out.writeString(2, "pytorch");
            out.writeByteArray(7, inner);
        });
    }

    static byte[] node(String op, String output, String... inputs) throws IOException {
        return message(out -> {
            for (String input : inputs) {
                out.writeString(1, input);
            }
            out.writeString(2, output);
            out.writeString(3, "/" + output);
            out.writeString(4, op);
        });
    }

    static byte[] gemm(boolean transB, String output, String... inputs) throws IOException {
        byte[] attribute = message(out -> {
            out.writeString(1, "transB");
            out.writeInt64(3, transB ? 1 : 0);
        });
        byte[] node = node("Gemm", output, inputs);
        return message(out -> {
            out.writeRawBytes(node);
            out.writeByteArray(5, attribute);
        });
    }

    static byte[] tensor(String name, int dataType, long[] shape, ByteBuffer raw) throws IOException {
        return message(out -> {
            for (long extent : shape) {
                out.writeInt64(1, extent);
            }
            out.writeInt32(2, dataType);
            out.writeString(8, name);
            out.writeBytes(9, ByteString.copyFrom(raw.duplicate()));
        });
    }

    /** {@link TinyModel} as the exporter writes it: numbered [in, out] weights with MatMul and Add, a Gemm pooler. */
    static byte[] model() throws IOException {
        return modelOf(graph -> {
            int number = 100;
            for (Map.Entry<String, long[]> e : TinyModel.shapes().entrySet()) {
                String name = e.getKey();
                if (TinyModel.isLinear(name) && !name.startsWith("pooler")) {
                    String weight = "onnx::MatMul_" + number++;
                    String bias = name.replace(".weight", ".bias");
                    boolean biasFirst = number % 2 == 0;
                    graph.writeByteArray(1, node("MatMul", name + "/out", "x", weight));
                    String sum = name + "/sum";
                    graph.writeByteArray(
                            1,
                            biasFirst ? node("Add", sum, bias, name + "/out") : node("Add", sum, name + "/out", bias));
                    long[] turned = {e.getValue()[1], e.getValue()[0]};
                    graph.writeByteArray(5, tensor(weight, 1, turned, TinyModel.turned(name, e.getValue())));
                } else {
                    graph.writeByteArray(5, tensor(name, 1, e.getValue(), TinyModel.values(name, e.getValue())));
                }
            }
            graph.writeByteArray(1, gemm(true, "pooled", "x", "pooler.dense.weight", "pooler.dense.bias"));
            graph.writeByteArray(
                    5, tensor("embeddings.position_ids", 7, new long[] {1, 6}, ByteBuffer.allocate(6 * Long.BYTES)));
        });
    }
}
