package dev.ternion.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The facts of a stored data set, to be had without its rows: {@code dataset.json}, written by the import.
 *
 * @param task kind, labels and metrics
 * @param splits train, eval and test
 * @param notes as in {@link Dataset}
 * @param digest as in {@link Dataset}
 */
public record DatasetManifest(TaskInfo task, Map<String, Split> splits, List<String> notes, String digest) {
    private static final String FORMAT = "ternion-dataset-1";
    private static final String NAME = "dataset.json";
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
    private static final long LONGEST = 16 << 20;
    private static final int MOST_TOKENS = 100_000;
    private static final ObjectMapper JSON =
            BoundedJson.mapper(MOST_TOKENS).enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    /**
     * The file of a split.
     *
     * @param rows its lines
     * @param sha256 of its bytes, 64 hexadecimal digits
     */
    public record Split(int rows, String sha256) {}

    /** Rows of a split. */
    public int rows(String split) {
        return splits.get(split).rows();
    }

    /**
     * Reads the facts. The rows are not looked at.
     *
     * @throws IOException if they are absent, damaged or of another version
     */
    public static DatasetManifest read(Path folder) throws IOException {
        Path file = folder.resolve(NAME);
        if (!Files.isRegularFile(file)) {
            throw new IOException(folder + " has no " + NAME + ", wanted a folder written by an import");
        }
        if (Files.size(file) > LONGEST) {
            throw damaged(file, Files.size(file) + " bytes, wanted at most " + LONGEST, null);
        }
        try (Reader text = BoundedJson.text(Files.newInputStream(file))) {
            return of(file, JSON.readTree(text));
        } catch (JsonProcessingException e) {
            throw damaged(file, e.getOriginalMessage(), e);
        } catch (CharacterCodingException e) {
            throw damaged(file, "bytes that are not UTF-8", e);
        } catch (IllegalArgumentException e) {
            throw damaged(file, e.getMessage(), e);
        }
    }

    private static DatasetManifest of(Path file, JsonNode json) throws IOException {
        String format = json.path("format").asText();
        if (!format.equals(FORMAT)) {
            throw new IOException(
                    file + " has format \"" + format + "\", wanted \"" + FORMAT + "\"; import the data again");
        }
        Map<String, Split> splits = new LinkedHashMap<>();
        for (String name : List.of("train", "eval", "test")) {
            JsonNode split = json.path("splits").path(name);
            splits.put(name, new Split(count(split, "rows"), sha256(split, "sha256")));
        }
        return new DatasetManifest(task(json.path("task")), splits, texts(json, "notes"), sha256(json, "digest"));
    }

    void write(Path folder) throws IOException {
        byte[] bytes = JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(json());
        DurableFiles.write(folder.resolve(NAME), out -> out.write(bytes));
    }

    private ObjectNode json() {
        ObjectNode root = JSON.createObjectNode().put("format", FORMAT).put("digest", digest);
        ObjectNode node = root.putObject("task").put("kind", task.kind().name());
        addAll(node.putArray("labels"), task.labels());
        addAll(node.putArray("metrics"), task.metrics());
        node.put("primary_metric", task.primaryMetric());
        ObjectNode files = root.putObject("splits");
        splits.forEach(
                (name, split) -> files.putObject(name).put("rows", split.rows()).put("sha256", split.sha256()));
        addAll(root.putArray("notes"), notes);
        return root;
    }

    private static TaskInfo task(JsonNode node) {
        return new TaskInfo(kind(node), texts(node, "labels"), texts(node, "metrics"), text(node, "primary_metric"));
    }

    private static TaskKind kind(JsonNode node) {
        List<String> known = Stream.of(TaskKind.values()).map(Enum::name).toList();
        require(known.contains(text(node, "kind")), node, "kind", "one of " + known);
        return TaskKind.valueOf(text(node, "kind"));
    }

    private static void addAll(ArrayNode array, List<String> values) {
        values.forEach(array::add);
    }

    private static List<String> texts(JsonNode node, String field) {
        require(node.path(field).isArray(), node, field, "a list of texts");
        List<String> values = new ArrayList<>();
        for (JsonNode value : node.path(field)) {
            if (!value.isTextual()) {
                throw new IllegalArgumentException(
                        field + " holds " + BoundedJson.shown(value) + ", wanted a list of texts");
            }
            values.add(value.textValue());
        }
        return values;
    }

    private static String text(JsonNode node, String field) {
        require(node.path(field).isTextual(), node, field, "a text");
        return node.path(field).textValue();
    }

    private static String sha256(JsonNode node, String field) {
        String value = text(node, field);
        require(SHA256.matcher(value).matches(), node, field, "64 hexadecimal digits");
        return value;
    }

    private static int count(JsonNode node, String field) {
        require(node.path(field).isInt() && node.path(field).intValue() >= 0, node, field, "a number of rows");
        return node.path(field).intValue();
    }

    private static void require(boolean good, JsonNode node, String field, String wanted) {
        if (!good) {
            JsonNode seen = node.path(field);
            throw new IllegalArgumentException(field + " is "
                    + (seen.isMissingNode() ? "absent" : BoundedJson.shown(seen)) + ", wanted " + wanted);
        }
    }

    private static IOException damaged(Path file, String why, Exception cause) {
        return new IOException(file + " was changed or damaged (" + why + "): import the data again", cause);
    }
}
