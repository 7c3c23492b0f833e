package dev.ternion.recipe.checkpoint;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.ternion.artifact.Manifest;
import dev.ternion.data.DatasetManifest;
import dev.ternion.recipe.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a job reads and its checkpoints do not hold: file {@code sources.json} of a checkpoint.
 *
 * @param digests what the manifests of models and data sets say of their bytes, by place in the data folder, such as
 *     {@code models/teacher}
 */
public record Sources(Map<String, String> digests) {
    /** Reason of a job that cannot go on because one of them is another; its checkpoints stay. */
    public static final String CHANGED = "SOURCES_CHANGED";

    static final String FILE = "sources.json";

    private static final Logger LOG = LoggerFactory.getLogger(Sources.class);
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    public Sources {
        digests = Map.copyOf(digests);
    }

    private interface Digest {
        String of(Path folder) throws IOException;
    }

    /**
     * As they are now. Nothing is hashed but manifests; what has none that can be read is left out.
     *
     * @param models ids of models
     * @param datasets ids of data sets
     */
    public static Sources of(Workspace workspace, Collection<String> models, Collection<String> datasets) {
        Map<String, String> digests = new TreeMap<>();
        models.forEach(id -> add(
                digests,
                workspace.root(),
                workspace.model(id),
                folder -> Manifest.read(folder).filesDigest()));
        datasets.forEach(id -> add(
                digests,
                workspace.root(),
                workspace.dataset(id),
                folder -> DatasetManifest.read(folder).digest()));
        return new Sources(digests);
    }

    private static void add(Map<String, String> digests, Path root, Path folder, Digest digest) {
        String place = root.relativize(folder).toString();
        try {
            digests.put(place, digest.of(folder));
        } catch (IOException e) {
            LOG.warn("checkpoints will not tell whether {} changes: its manifest cannot be read", place, e);
        }
    }

    /** Those that both know and that differ, by place: what is said here, then what is said there. */
    SortedMap<String, String> changes(Sources now) {
        SortedMap<String, String> changes = new TreeMap<>();
        digests.forEach((place, digest) -> {
            String other = now.digests.getOrDefault(place, digest);
            if (!other.equals(digest)) {
                changes.put(place, digest + " then, " + other + " now");
            }
        });
        return changes;
    }

    byte[] toJson() throws IOException {
        return JSON.writeValueAsBytes(this);
    }

    /** Of an intact checkpoint; those of versions that wrote none know nothing. */
    static Sources read(Path checkpoint) throws IOException {
        Path file = checkpoint.resolve(FILE);
        return Files.exists(file) ? JSON.readValue(Files.readAllBytes(file), Sources.class) : new Sources(Map.of());
    }
}
