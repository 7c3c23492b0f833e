package dev.ternion.data;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;

/** JSON of files that anybody may have written: a bound on depth, and on the size of the tree that is built. */
final class BoundedJson {
    /** Objects and arrays inside each other. */
    private static final int DEEPEST = 64;

    /** UTF-16 units of one text; the parser takes several times as much for the longest. */
    static final int LONGEST_TEXT = 1 << 18;

    private static final int LONGEST_SHOWN = 100;

    private BoundedJson() {}

    /** Text of a file; bytes that are not UTF-8 throw a {@link java.nio.charset.CharacterCodingException}. */
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

    /** @param mostTokens names, values, and ends of objects and arrays; a tree takes some 100 bytes for each */
    static JsonMapper mapper(int mostTokens) {
        return JsonMapper.builder(factory(mostTokens, LONGEST_TEXT).build()).build();
    }

    /** The same for what is read as a stream; names of a file are forgotten with it. */
    static JsonFactoryBuilder factory(int mostTokens, int longestText) {
        return new JsonFactoryBuilder()
                .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                .disable(JsonFactory.Feature.CHARSET_DETECTION)
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(DEEPEST)
                        .maxStringLength(longestText)
                        .maxTokenCount(mostTokens)
                        .build());
    }
}
