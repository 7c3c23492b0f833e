package dev.ternion.artifact;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reading small JSON files: bounded in size, depth and number of values, one object, no key twice, nothing after it. */
final class StrictJson {
    /** Objects and arrays inside each other. */
    static final int DEEPEST = 64;

    /** Names, values, and ends of objects and arrays: a tree of them takes some 100 bytes for each. */
    private static final int MOST_TOKENS = 100_000;

    private static final JsonMapper MAPPER = JsonMapper.builder(new JsonFactoryBuilder()
                    .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                    .disable(JsonFactory.Feature.CHARSET_DETECTION)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(DEEPEST)
                            .maxTokenCount(MOST_TOKENS)
                            .build())
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private StrictJson() {}

    /** @param most bytes to accept */
    static ObjectNode read(Path file, long most) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw ArtifactException.of(file, "open", "no file", "a JSON file", "Check the path.");
        }
        byte[] bytes = readBounded(file, most);
        JsonNode node;
        try {
            node = MAPPER.readTree(bytes);
        } catch (JacksonException e) {
            throw ArtifactException.because(
                    e,
                    file,
                    "JSON",
                    e.getOriginalMessage(),
                    "one well-formed object",
                    "Correct or fetch the file again.");
        }
        if (node instanceof ObjectNode object) {
            return object;
        }
        throw ArtifactException.of(file, "JSON", node.getNodeType(), "an object", "Check that this is the right file.");
    }

    /** The whole file, unless it is longer than {@code most} bytes. */
    static byte[] readBounded(Path file, long most) throws IOException {
        try (var in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes((int) most + 1);
            if (bytes.length > most) {
                throw ArtifactException.of(
                        file,
                        "file size",
                        "more than " + most,
                        "at most " + most,
                        "Check that this is the right file.");
            }
            return bytes;
        }
    }

    static ObjectNode object() {
        return MAPPER.createObjectNode();
    }
}
