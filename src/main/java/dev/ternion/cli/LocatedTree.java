package dev.ternion.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * A YAML or JSON document that knows its lines.
 *
 * @param root the document; missing when it is empty
 * @param lineByPath line from 1 of each value, by path like `/spec/qat/arms/0`
 */
record LocatedTree(JsonNode root, Map<String, Integer> lineByPath) {
    private static final StreamReadConstraints BOUNDS = StreamReadConstraints.builder()
            .maxNestingDepth(64)
            .maxNameLength(100)
            .maxTokenCount(20_000)
            .build();

    /** Reads a document; one that begins with a brace is JSON. */
    static LocatedTree read(String text) throws IOException {
        boolean json = text.stripLeading().startsWith("{");
        ObjectMapper mapper = json
                ? new ObjectMapper(JsonFactory.builder()
                        .streamReadConstraints(BOUNDS)
                        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                        .build())
                : new YAMLMapper(YAMLFactory.builder()
                        .streamReadConstraints(BOUNDS)
                        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                        .build());
        Map<String, Integer> lines = new HashMap<>();
        try (JsonParser parser = mapper.createParser(text)) {
            JsonNode root = parser.nextToken() == null ? MissingNode.getInstance() : value(parser, mapper, "", lines);
            if (parser.nextToken() != null) {
                throw new JsonParseException(parser, "more than one document", parser.currentTokenLocation());
            }
            return new LocatedTree(root, lines);
        }
    }

    /** Line of a value, from 1. */
    int line(String path) {
        return lineByPath.getOrDefault(path, 1);
    }

    private static JsonNode value(JsonParser parser, ObjectMapper mapper, String path, Map<String, Integer> lines)
            throws IOException {
        lines.putIfAbsent(path, parser.currentTokenLocation().getLineNr());
        if (parser.currentToken() == JsonToken.START_OBJECT) {
            ObjectNode object = mapper.createObjectNode();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                String child = path + "/" + name;
                lines.put(child, parser.currentTokenLocation().getLineNr());
                parser.nextToken();
                object.set(name, value(parser, mapper, child, lines));
            }
            return object;
        }
        if (parser.currentToken() == JsonToken.START_ARRAY) {
            ArrayNode array = mapper.createArrayNode();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                array.add(value(parser, mapper, path + "/" + array.size(), lines));
            }
            return array;
        }
        return mapper.readTree(parser);
    }
}
