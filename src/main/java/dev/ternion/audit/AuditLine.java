package dev.ternion.audit;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One line of the log as it stands in the file: a JSON object whose last field, {@code hash}, is the SHA-256 of all before it, in which
 * {@code prev} is the hash of the line before. A line without {@code v} is of version 1, which had no digests.
 *
 * @param seq number, from 1
 * @param prev hash of the line before; zeros in the first
 * @param body what is hashed
 * @param hash as it stands in the line
 */
record AuditLine(long seq, String prev, String body, String hash) {
    /** Hash before the first line. */
    static final String FIRST = "0".repeat(64);

    /** Bytes of a line at most. */
    static final int LONGEST = 8 << 10;

    private static final int VERSION = 2;

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Pattern LINE = Pattern.compile(
            "(\\{\"seq\":([1-9][0-9]{0,17}),\"prev\":\"([0-9a-f]{64})\",.*),\"hash\":\"([0-9a-f]{64})\"\\}");

    /** The next line. */
    static AuditLine next(long seq, String prev, Instant time, AuditEntry entry, long skipped) throws IOException {
        ObjectNode node = JSON.createObjectNode()
                .put("seq", seq)
                .put("prev", prev)
                .put("v", VERSION)
                .put("time", time.toString())
                .put("who", entry.who())
                .put("what", entry.what())
                .put("resource", entry.resource())
                .put("result", entry.result())
                .put("request", entry.request())
                .put("peer", entry.peer());
        put(node, "before", entry.digests().before());
        put(node, "after", entry.digests().after());
        if (skipped > 0) {
            node.put("skipped", skipped);
        }
        String json = JSON.writeValueAsString(node);
        String body = json.substring(0, json.length() - 1);
        return new AuditLine(seq, prev, body, sha256(body));
    }

    private static void put(ObjectNode node, String name, String value) {
        if (!value.isEmpty()) {
            node.put(name, value);
        }
    }

    /** Reads a line without its end; null if it has another form. */
    static AuditLine parse(String line) {
        Matcher parts = LINE.matcher(line);
        return parts.matches()
                ? new AuditLine(Long.parseLong(parts.group(2)), parts.group(3), parts.group(1), parts.group(4))
                : null;
    }

    /** Whether the hash is that of the rest. */
    boolean isWhole() {
        return sha256(body).equals(hash);
    }

    /** The line with its end. */
    byte[] bytes() {
        return (body + ",\"hash\":\"" + hash + "\"}\n").getBytes(StandardCharsets.UTF_8);
    }

    private static String sha256(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
