package dev.ternion.artifact;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One pass over the bytes of an ONNX file (ModelProto → GraphProto → NodeProto, TensorProto), skipping every value.
 * Field numbers are those of the public onnx.proto3. Nothing nested deeper is entered, so depth is bounded by
 * construction.
 */
final class OnnxGraphReader {
    private static final int MOST_INITIALIZERS = 100_000;
    private static final int MOST_NODES = 1_000_000;
    private static final int LONGEST_NAME = 4096;

    /** What is kept of a graph may take the size of the file and so many bytes more. */
    private static final long FREE_BYTES = 8 << 20;

    /** What a name, node or initializer takes as an object, in bytes. */
    private static final int NAME_OVERHEAD = 64;

    private static final int OBJECT_OVERHEAD = 160;
    private static final Set<String> KEPT = Set.of("MatMul", "Add", "Gemm");

    private final MappedFile file;
    private final CodedInputStream in;
    private final Map<String, TensorEntry> initializers = new LinkedHashMap<>();
    private final List<String> skipped = new ArrayList<>();
    private final List<OnnxGraph.Node> nodes = new ArrayList<>();
    private int nodesSeen;
    private int graphs;
    private long kept;

    OnnxGraphReader(MappedFile file) throws IOException {
        this.file = file;
        if (file.size() > OnnxWeights.LARGEST_FILE) {
            throw ArtifactException.of(
                    file.path(),
                    "file size",
                    file.size() + " bytes",
                    "at most " + OnnxWeights.LARGEST_FILE,
                    "Export the model as safetensors instead.");
        }
        this.in = CodedInputStream.newInstance(file.region(0, file.size()));
    }

    OnnxGraph read() throws IOException {
        try {
            int tag;
            while ((tag = in.readTag()) != 0) {
                field(tag, 7, "model: graph", this::readGraph);
            }
        } catch (InvalidProtocolBufferException e) {
            throw ArtifactException.unreadable(
                    file.path(), "protobuf at byte " + in.getTotalBytesRead(), e, "a whole ONNX model");
        }
        requireOneGraph();
        return new OnnxGraph(initializers, skipped, nodes);
    }

    private void requireOneGraph() throws ArtifactException {
        if (graphs != 1 || initializers.isEmpty()) {
            throw ArtifactException.of(
                    file.path(),
                    "model",
                    graphs + " graphs, " + initializers.size() + " initializers",
                    "one graph with weights",
                    "Check that this is an ONNX model that was exported with its weights inside.");
        }
    }

    /** Reads one nested message. */
    private interface Message {
        void read() throws IOException;
    }

    /** Enters the message if the tag is of this field number, else skips the field. */
    private void field(int tag, int number, String what, Message message) throws IOException {
        if (WireFormat.getTagFieldNumber(tag) == number) {
            enter(tag, what, message);
        } else {
            in.skipField(tag);
        }
    }

    private void enter(int tag, String what, Message message) throws IOException {
        int length = length(tag, what);
        int outer = in.pushLimit(length);
        message.read();
        in.checkLastTagWas(0);
        in.popLimit(outer);
    }

    /** Length of a length-delimited field, checked against what is left of the file. */
    private int length(int tag, String what) throws IOException {
        if (WireFormat.getTagWireType(tag) != WireFormat.WIRETYPE_LENGTH_DELIMITED) {
            throw ArtifactException.truncated(
                    file.path(), what + ": wire type", WireFormat.getTagWireType(tag), "2 (length-delimited)");
        }
        int length = in.readRawVarint32();
        long left = file.size() - in.getTotalBytesRead();
        if (length < 0 || length > left) {
            throw ArtifactException.truncated(
                    file.path(),
                    what + ": length",
                    Integer.toUnsignedString(length),
                    "at most the " + left + " bytes left");
        }
        return length;
    }

    private void readGraph() throws IOException {
        graphs++;
        int tag;
        while ((tag = in.readTag()) != 0) {
            switch (WireFormat.getTagFieldNumber(tag)) {
                case 1 -> enter(tag, "graph: node", this::readNode);
                case 5 -> enter(tag, "graph: initializer", this::readInitializer);
                default -> in.skipField(tag);
            }
        }
    }

    private void readNode() throws IOException {
        requireFewer(nodesSeen++, MOST_NODES, "graph: nodes");
        List<String> inputs = new ArrayList<>(3);
        List<String> outputs = new ArrayList<>(1);
        String op = "";
        boolean[] transB = new boolean[1];
        int tag;
        while ((tag = in.readTag()) != 0) {
            switch (WireFormat.getTagFieldNumber(tag)) {
                case 1 -> inputs.add(name(tag, "node: input"));
                case 2 -> outputs.add(name(tag, "node: output"));
                case 4 -> op = name(tag, "node: op_type");
                case 5 -> enter(tag, "node: attribute", () -> readAttribute(transB));
                default -> in.skipField(tag);
            }
        }
        if (KEPT.contains(op)) {
            charge(OBJECT_OVERHEAD);
            nodes.add(new OnnxGraph.Node(op, inputs, outputs, transB[0]));
        }
    }

    private void readAttribute(boolean[] transB) throws IOException {
        String name = "";
        long value = 0;
        int tag;
        while ((tag = in.readTag()) != 0) {
            switch (WireFormat.getTagFieldNumber(tag)) {
                case 1 -> name = name(tag, "attribute: name");
                case 3 -> value = varint(tag, "attribute: i");
                default -> in.skipField(tag);
            }
        }
        transB[0] |= name.equals("transB") && value != 0;
    }

    private void readInitializer() throws IOException {
        requireFewer(initializers.size() + skipped.size(), MOST_INITIALIZERS, "graph: initializers");
        charge(OBJECT_OVERHEAD);
        OnnxTensorFields fields = new OnnxTensorFields();
        int tag;
        while ((tag = in.readTag()) != 0) {
            switch (WireFormat.getTagFieldNumber(tag)) {
                case 1 -> readDims(tag, fields);
                case 2 -> fields.dataType = varint(tag, "initializer: data_type");
                case 4 -> fields.addData(false, skipData(tag, "float_data"), in.getTotalBytesRead());
                case 8 -> fields.name = name(tag, "initializer: name");
                case 9 -> fields.addData(true, skipData(tag, "raw_data"), in.getTotalBytesRead());
                case 13 -> fields.external |= skipData(tag, "external_data") >= 0;
                case 14 -> fields.external |= varint(tag, "initializer: data_location") != 0;
                default -> in.skipField(tag);
            }
        }
        keep(fields);
    }

    private void keep(OnnxTensorFields fields) throws ArtifactException {
        TensorEntry entry = fields.entry(file.path());
        if (entry == null) {
            skipped.add(fields.name);
        } else if (initializers.putIfAbsent(fields.name, entry) != null) {
            throw ArtifactException.of(
                    file.path(), "initializer \"" + fields.name + "\"", "twice", "once", "Export the model again.");
        }
    }

    private int skipData(int tag, String what) throws IOException {
        int length = length(tag, "initializer: " + what);
        in.skipRawBytes(length);
        return length;
    }

    /** Extents come packed or one by one. */
    private void readDims(int tag, OnnxTensorFields fields) throws IOException {
        if (WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_VARINT) {
            addDim(fields);
            return;
        }
        int outer = in.pushLimit(length(tag, "initializer: dims"));
        while (in.getBytesUntilLimit() > 0) {
            addDim(fields);
        }
        in.popLimit(outer);
    }

    private void addDim(OnnxTensorFields fields) throws IOException {
        requireFewer(fields.dims.size(), TensorEntry.MOST_AXES, "initializer: dims");
        fields.dims.add(in.readInt64());
    }

    private long varint(int tag, String what) throws IOException {
        if (WireFormat.getTagWireType(tag) != WireFormat.WIRETYPE_VARINT) {
            throw ArtifactException.truncated(
                    file.path(), what + ": wire type", WireFormat.getTagWireType(tag), "0 (varint)");
        }
        return in.readInt64();
    }

    private String name(int tag, String what) throws IOException {
        int length = length(tag, what);
        requireFewer(length, LONGEST_NAME, what + " bytes");
        charge(length + NAME_OVERHEAD);
        return new String(in.readRawBytes(length), StandardCharsets.UTF_8);
    }

    private void charge(int bytes) throws ArtifactException {
        kept += bytes;
        requireFewer(kept, file.size() + FREE_BYTES, "bytes of names and nodes");
    }

    private void requireFewer(long seen, long most, String what) throws ArtifactException {
        if (seen >= most) {
            throw ArtifactException.of(
                    file.path(),
                    what,
                    seen + " or more",
                    "fewer than " + most,
                    "This is no model that can be read here.");
        }
    }
}
