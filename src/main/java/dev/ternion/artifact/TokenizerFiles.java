package dev.ternion.artifact;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Checks that a tokenizer's ids are rows of the word embeddings. What else is in the file is the tokenizer's affair.
 */
final class TokenizerFiles {
    /** Largest tokenizer file, in bytes: the tokenizer library takes five for each of them when a job opens it. */
    static final long LONGEST = 4 << 20;

    /** Tokens of a vocab.txt, of which a job makes a tokenizer.json. */
    static final int MOST_TOKENS = 200_000;

    /** What that has for each token beside it. */
    private static final int JSON_BYTES = 10;

    /** Names are forgotten as soon as they were read: a vocabulary has many. */
    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(StrictJson.DEEPEST)
                    .build())
            .build();

    private TokenizerFiles() {}

    /** @throws ArtifactException for a file that is malformed, empty, or has an id of {@code vocabSize} or more */
    static void check(String canonicalName, Path file, int vocabSize) throws IOException {
        byte[] bytes = StrictJson.readBounded(file, LONGEST);
        switch (canonicalName) {
            case ModelFinder.VOCAB -> requireFits(file, lines(file, bytes) - 1, vocabSize);
            case ModelFinder.TOKENIZER -> requireFits(file, highestId(file, bytes), vocabSize);
            default -> StrictJson.read(file, LONGEST);
        }
    }

    private static void requireFits(Path file, long highest, int vocabSize) throws ArtifactException {
        if (highest < 0 || highest >= vocabSize) {
            throw ArtifactException.of(
                    file,
                    "highest token id",
                    highest,
                    "0 to " + (vocabSize - 1) + ", the rows of the word embeddings",
                    "Take tokenizer and weights from the same model.");
        }
    }

    private static long lines(Path file, byte[] text) throws ArtifactException {
        long lines = text.length > 0 && text[text.length - 1] != '\n' ? 1 : 0;
        for (byte b : text) {
            lines += b == '\n' ? 1 : 0;
        }
        if (lines > MOST_TOKENS) {
            throw ArtifactException.of(
                    file, "tokens", lines, "at most " + MOST_TOKENS, "Choose a model with a smaller vocabulary.");
        }
        if (text.length + JSON_BYTES * lines > LONGEST) {
            throw ArtifactException.of(
                    file,
                    "bytes and " + JSON_BYTES + " for each of " + lines + " tokens",
                    text.length + JSON_BYTES * lines,
                    "at most " + LONGEST,
                    "Choose a model with a smaller vocabulary.");
        }
        return lines;
    }

    private static long highestId(Path file, byte[] bytes) throws IOException {
        long highest = -1;
        Reader text = new InputStreamReader(new ByteArrayInputStream(bytes), StandardCharsets.UTF_8);
        try (JsonParser json = JSON.createParser(text)) {
            if (json.nextToken() == JsonToken.START_OBJECT) {
                highest = in(json, "model", () -> in(json, "vocab", () -> highestValue(json)));
            }
            if (json.nextToken() != null) {
                throw ArtifactException.of(
                        file, "JSON: after its end", json.currentToken(), "nothing", "Fetch the tokenizer again.");
            }
        } catch (JacksonException e) {
            throw ArtifactException.because(
                    e, file, "JSON", e.getOriginalMessage(), "one well-formed object", "Fetch the tokenizer again.");
        }
        return highest;
    }

    private interface Value {
        long read() throws IOException;
    }

    /** Reads the object the parser is in to its end; the highest value of {@code key} that is an object, else -1. */
    private static long in(JsonParser json, String key, Value value) throws IOException {
        long found = -1;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            boolean wanted = json.currentName().equals(key);
            if (json.nextToken() == JsonToken.START_OBJECT && wanted) {
                found = Math.max(found, value.read());
            } else {
                json.skipChildren();
            }
        }
        return found;
    }

    private static long highestValue(JsonParser json) throws IOException {
        long highest = -1;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            json.nextToken();
            highest = Math.max(highest, json.getLongValue());
        }
        return highest;
    }
}
