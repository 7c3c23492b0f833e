package dev.ternion.artifact;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The parts of a model, wherever they were found, ready to be written in the canonical layout.
 *
 * @param file for messages
 * @param config as the source states it; empty if only the tensors tell
 * @param extras keys to carry over into {@code config.json}, such as labels
 * @param texts canonical name → tokenizer file
 * @param origin where it came from
 */
record FoundModel(
        Path file,
        EncoderTensors tensors,
        Optional<EncoderConfig> config,
        ObjectNode extras,
        Map<String, Path> texts,
        Origin origin)
        implements Closeable {

    /**
     * Provenance for the manifest.
     *
     * @param name of the source, without its folder
     * @param warnings about digests
     */
    record Origin(String name, String sha256, Optional<String> licence, List<String> warnings) {}

    @Override
    public void close() throws IOException {
        tensors.close();
    }
}
