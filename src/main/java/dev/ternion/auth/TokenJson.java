package dev.ternion.auth;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Tokens as JSON. A file that is not exactly what this version writes is refused as a whole. */
final class TokenJson {
    private static final int VERSION = 1;
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private TokenJson() {}

    static byte[] write(List<Token> tokens) throws JsonProcessingException {
        ObjectNode file = MAPPER.createObjectNode().put("version", VERSION);
        for (Token token : tokens) {
            ObjectNode node = file.withArray("tokens")
                    .addObject()
                    .put("id", token.id())
                    .put("name", token.name())
                    .put("role", token.role().name())
                    .put("project", token.project())
                    .put("sha256", token.sha256())
                    .put("created", token.created().toString())
                    .put("expires", token.expires().toString());
            if (token.revoked() != null) {
                node.put("revoked", token.revoked().toString());
            }
        }
        return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(file);
    }

    static List<Token> read(byte[] json) throws IOException {
        JsonNode file = MAPPER.readTree(json);
        if (file.path("version").asInt() != VERSION) {
            throw new IOException("version " + file.path("version") + ", wanted " + VERSION);
        }
        List<Token> tokens = new ArrayList<>();
        for (JsonNode node : file.path("tokens")) {
            tokens.add(token(node));
        }
        return tokens;
    }

    private static Token token(JsonNode node) throws IOException {
        try {
            return new Token(
                    text(node, "id"),
                    text(node, "name"),
                    Role.valueOf(text(node, "role")),
                    text(node, "project"),
                    text(node, "sha256"),
                    Instant.parse(text(node, "created")),
                    Instant.parse(text(node, "expires")),
                    node.has("revoked") ? Instant.parse(text(node, "revoked")) : null);
        } catch (IllegalArgumentException | DateTimeException e) {
            throw new IOException("token " + node.path("id") + ": " + e.getMessage(), e);
        }
    }

    private static String text(JsonNode node, String field) {
        JsonNode value = node.get(field);
        if (value == null || !value.isTextual()) {
            throw new IllegalArgumentException("no text in " + field);
        }
        return value.textValue();
    }
}
