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
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reading small JSON files: bounded in size, depth and number of values, one object, no key twice, nothing after it. */
final class StrictJson {
    /** Objects and arrays inside each other. */
    static final int DEEPEST = 64;

    /** Names, values, and ends of objects and arrays: a tree of them takes some 100 bytes for each. */
    private static final int MOST_TOKENS = 100_000;

    /** UTF-16 units of one text. */
    private static final int LONGEST_TEXT = 1 << 18;

    private static final int LONGEST_SHOWN = 100;

    private static final JsonMapper MAPPER = JsonMapper.builder(new JsonFactoryBuilder()
                    .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                    .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(DEEPEST)
                            .maxStringLength(LONGEST_TEXT)
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
        requireBounded(file, Files.size(file), most);
        JsonNode node;
        try (Reader text = text(Files.newInputStream(file))) {
            node = MAPPER.readTree(text);
        } catch (CharacterCodingException e) {
            throw ArtifactException.because(
                    e, file, "JSON", "bytes that are not UTF-8", "UTF-8", "Correct or fetch the file again.");
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
            requireBounded(file, bytes.length, most);
            return bytes;
        }
    }

    private static void requireBounded(Path file, long size, long most) throws ArtifactException {
        if (size > most) {
            throw ArtifactException.of(
                    file, "file size", "more than " + most, "at most " + most, "Check that this is the right file.");
        }
    }

    /** Text of a file; bytes that are not UTF-8 throw a {@link CharacterCodingException}. */
    static Reader text(InputStream bytes) {
        return new InputStreamReader(bytes, StandardCharsets.UTF_8.newDecoder());
    }

    /** A value for a message, without what takes memory: long ones are cut, objects and arrays only named. */
    static String shown(JsonNode node) {
        if (node.isContainerNode()) {
            return node.isArray() ? "an array" : "an object";
        }
        String text = node.toString();
        return text.length() <= LONGEST_SHOWN ? text : text.substring(0, LONGEST_SHOWN) + "…";
    }

    static ObjectNode object() {
        return MAPPER.createObjectNode();
    }
}
