package dev.ternion.artifact;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Another source's floating tensors under the names of Hugging Face's {@code BertModel}: without a leading {@code
 * bert.}, and with weight and bias where old checkpoints say gamma and beta. Heads, such as {@code classifier.weight},
 * keep their names.
 */
final class EncoderTensors implements TensorSource {
    private static final String PREFIX = "bert.";

    private final TensorSource source;
    private final Map<String, String> original = new LinkedHashMap<>();
    private final List<String> leftOut = new ArrayList<>();

    /** @param file for messages; @param source closed with this */
    EncoderTensors(Object file, TensorSource source) throws IOException {
        this.source = source;
        for (String name : source.names()) {
            if (!Dtype.valueOf(source.dtype(name)).floating) {
                leftOut.add(name);
                continue;
            }
            String before = original.putIfAbsent(canonical(name), name);
            if (before != null) {
                throw ArtifactException.of(
                        file,
                        "parameter \"" + canonical(name) + "\"",
                        "\"" + before + "\" and \"" + name + "\"",
                        "one of them",
                        "Save one model in one file.");
            }
        }
    }

    static String canonical(String name) {
        String plain = name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name;
        if (plain.endsWith("LayerNorm.gamma")) {
            return plain.substring(0, plain.length() - "gamma".length()) + "weight";
        }
        return plain.endsWith("LayerNorm.beta") ? plain.substring(0, plain.length() - "beta".length()) + "bias" : plain;
    }

    /** Tensors that are not floating, under their own names. */
    List<String> leftOut() {
        return leftOut;
    }

    private String originalOf(String name) {
        return original.getOrDefault(name, name);
    }

    @Override
    public Set<String> names() {
        return Collections.unmodifiableSet(original.keySet());
    }

    @Override
    public long[] shape(String name) throws IOException {
        return source.shape(originalOf(name));
    }

    @Override
    public String dtype(String name) throws IOException {
        return source.dtype(originalOf(name));
    }

    @Override
    public FloatBuffer read(String name) throws IOException {
        return source.read(originalOf(name));
    }

    @Override
    public ByteBuffer bytes(String name) throws IOException {
        return source.bytes(originalOf(name));
    }

    @Override
    public void close() throws IOException {
        source.close();
    }
}
