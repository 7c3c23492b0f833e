package dev.ternion.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * An imported data set on disk: dataset.json (task, notes, digest, and for each split its rows and the SHA-256 of its
 * file) beside train.jsonl, eval.jsonl and test.jsonl, one {@code {"a", "b", "label", "row"}} a line.
 *
 * <p>The folder appears complete or not at all: it is written under another name, synced, and renamed. Reading verifies
 * everything.
 */
public final class DatasetFolder {
    private static final String FORMAT = "ternion-dataset-1";
    private static final String MANIFEST = "dataset.json";
    private static final ObjectMapper JSON = new ObjectMapper();

    private DatasetFolder() {}

    /**
     * Writes a data set. Does nothing if the folder holds the same data set already.
     *
     * @param folder must not exist, or hold this data set; its parent is created
     * @throws IOException if the folder holds something else, or writing fails
     */
    public static void write(Dataset dataset, Path folder) throws IOException {
        if (Files.exists(folder)) {
            requireSame(dataset, folder);
            return;
        }
        Path parent = folder.toAbsolutePath().getParent();
        Files.createDirectories(parent);
        Path temporary = Files.createTempDirectory(parent, "." + folder.getFileName() + "-");
        try {
            ObjectNode files = JSON.createObjectNode();
            for (Map.Entry<String, List<Example>> split : dataset.splits().entrySet()) {
                String sha = writeSplit(split.getValue(), temporary.resolve(split.getKey() + ".jsonl"));
                files.putObject(split.getKey())
                        .put("rows", split.getValue().size())
                        .put("sha256", sha);
            }
            byte[] manifest = JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(manifest(dataset, files));
            DurableFiles.write(temporary.resolve(MANIFEST), out -> out.write(manifest));
            DurableFiles.publish(temporary, folder);
        } catch (IOException | RuntimeException e) {
            DurableFiles.deleteFolder(temporary);
            throw e;
        }
    }

    /**
     * Reads a data set back.
     *
     * @throws IOException if a file is absent, damaged or of another version
     */
    public static Dataset read(Path folder) throws IOException {
        JsonNode manifest = readManifest(folder);
        List<List<Example>> splits = new ArrayList<>();
        for (String name : List.of("train", "eval", "test")) {
            splits.add(readSplit(
                    folder.resolve(name + ".jsonl"), manifest.path("splits").path(name)));
        }
        Dataset dataset = Dataset.of(
                task(manifest.path("task")),
                splits.get(0),
                splits.get(1),
                splits.get(2),
                strings(manifest.path("notes")));
        String wanted = manifest.path("digest").asText();
        if (!dataset.digest().equals(wanted)) {
            throw damaged(folder.resolve(MANIFEST), "digest " + dataset.digest(), "digest " + wanted);
        }
        return dataset;
    }

    private static void requireSame(Dataset dataset, Path folder) throws IOException {
        String there = readManifest(folder).path("digest").asText();
        if (!there.equals(dataset.digest())) {
            throw new IOException(folder + " holds the data set " + there + ", wanted " + dataset.digest()
                    + "; choose another folder or delete this one");
        }
    }

    private static JsonNode readManifest(Path folder) throws IOException {
        Path file = folder.resolve(MANIFEST);
        if (!Files.isRegularFile(file)) {
            throw new IOException(folder + " has no " + MANIFEST + ", wanted a folder written by an import");
        }
        JsonNode manifest = JSON.readTree(Files.readAllBytes(file));
        String format = manifest.path("format").asText();
        if (!format.equals(FORMAT)) {
            throw new IOException(
                    file + " has format \"" + format + "\", wanted \"" + FORMAT + "\"; import the data again");
        }
        return manifest;
    }

    private static ObjectNode manifest(Dataset dataset, ObjectNode files) {
        TaskInfo task = dataset.task();
        ObjectNode root = JSON.createObjectNode().put("format", FORMAT).put("digest", dataset.digest());
        ObjectNode node = root.putObject("task").put("kind", task.kind().name());
        addAll(node.putArray("labels"), task.labels());
        addAll(node.putArray("metrics"), task.metrics());
        node.put("primary_metric", task.primaryMetric());
        root.set("splits", files);
        addAll(root.putArray("notes"), dataset.notes());
        return root;
    }

    private static TaskInfo task(JsonNode node) {
        return new TaskInfo(
                TaskKind.valueOf(node.path("kind").asText()),
                strings(node.path("labels")),
                strings(node.path("metrics")),
                node.path("primary_metric").asText());
    }

    private static void addAll(ArrayNode array, List<String> values) {
        values.forEach(array::add);
    }

    private static List<String> strings(JsonNode array) {
        List<String> values = new ArrayList<>();
        array.forEach(value -> values.add(value.asText()));
        return values;
    }

    private static String writeSplit(List<Example> examples, Path file) throws IOException {
        MessageDigest sha = DatasetDigest.sha256();
        DurableFiles.write(file, out -> {
            OutputStream digesting = new DigestOutputStream(out, sha);
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            for (Example example : examples) {
                line.writeBytes(JSON.writeValueAsBytes(node(example)));
                line.write('\n');
                line.writeTo(digesting);
                line.reset();
            }
        });
        return HexFormat.of().formatHex(sha.digest());
    }

    private static ObjectNode node(Example example) {
        return JSON.createObjectNode()
                .put("a", example.textA())
                .put("b", example.textB())
                .put("label", (double) example.label())
                .put("row", example.row());
    }

    private static List<Example> readSplit(Path file, JsonNode wanted) throws IOException {
        MessageDigest sha = DatasetDigest.sha256();
        List<Example> examples = new ArrayList<>();
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), sha);
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                examples.add(example(JSON.readTree(line)));
            }
        } catch (IllegalArgumentException | NullPointerException e) {
            throw damaged(file, "a line that is no example", "a, b, label and row");
        }
        String seen = examples.size() + " rows, SHA-256 " + HexFormat.of().formatHex(sha.digest());
        String expected = wanted.path("rows").asInt(-1) + " rows, SHA-256 "
                + wanted.path("sha256").asText();
        if (!seen.equals(expected)) {
            throw damaged(file, seen, expected);
        }
        return examples;
    }

    private static Example example(JsonNode node) {
        String second = node.path("b").isNull() ? null : node.get("b").textValue();
        return new Example(
                node.get("a").textValue(),
                second,
                (float) node.get("label").doubleValue(),
                node.get("row").intValue());
    }

    private static IOException damaged(Path file, String seen, String wanted) {
        return new IOException(
                file + " has " + seen + ", wanted " + wanted + "; it was changed or damaged: import the data again");
    }
}
