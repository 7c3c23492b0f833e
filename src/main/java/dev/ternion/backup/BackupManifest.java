package dev.ternion.backup;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a backup holds: its last file but one, {@code manifest.json}. The last is {@code manifest.sha256} with its digest, as
 * {@code sha256sum} writes it.
 *
 * @param created when its database was copied
 * @param schema version of the database's tables
 * @param lacks what jobs that are not final need and the data folder had not, such as {@code models/teacher}
 * @param files of the data folder, by name
 */
record BackupManifest(Instant created, String schema, List<String> lacks, SortedMap<String, Entry> files) {
    static final String NAME = "manifest.json";
    static final String DIGEST_NAME = "manifest.sha256";
    /** Bytes that a manifest may have: 100 for each of a million files, and more. */
    static final int LONGEST = 256 << 20;

    private static final String FORMAT = "ternion-backup-1";
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    /**
     * A file as it was when the backup was made.
     *
     * @param size bytes
     * @param sha256 64 lower-case hex digits
     */
    record Entry(long size, String sha256) {}

    byte[] toJson() {
        ObjectNode root = JSON.createObjectNode()
                .put("format", FORMAT)
                .put("created", created.toString())
                .put("schema", schema);
        lacks.forEach(root.putArray("lacks")::add);
        ObjectNode list = root.putObject("files");
        files.forEach(
                (name, entry) -> list.putObject(name).put("size", entry.size()).put("sha256", entry.sha256()));
        return (root.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** @throws BackupException if it is no manifest of this version */
    static BackupManifest of(byte[] json) throws IOException {
        JsonNode root = read(json);
        String format = root.path("format").asText();
        if (!format.equals(FORMAT)) {
            throw new BackupException("the backup has format \"" + format + "\", this version of Ternion reads \""
                    + FORMAT + "\": use the version that made it");
        }
        SortedMap<String, Entry> files = new TreeMap<>();
        for (Map.Entry<String, JsonNode> file : root.path("files").properties()) {
            files.put(
                    file.getKey(),
                    new Entry(
                            file.getValue().path("size").asLong(-1),
                            file.getValue().path("sha256").asText()));
        }
        List<String> lacks = new ArrayList<>();
        root.path("lacks").forEach(node -> lacks.add(node.asText()));
        return new BackupManifest(
                Instant.parse(root.path("created").asText()),
                root.path("schema").asText(),
                lacks,
                files);
    }

    private static JsonNode read(byte[] json) throws IOException {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new BackupException(NAME + " is no JSON: " + e.getOriginalMessage(), e);
        }
    }

    /** The content of {@code manifest.sha256} for a manifest of these bytes. */
    static byte[] digestFile(byte[] json) {
        return (Sha256.of(json) + "  " + NAME + "\n").getBytes(StandardCharsets.US_ASCII);
    }
}
