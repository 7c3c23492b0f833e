package dev.ternion.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ternion.data.DatasetManifest.Split;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An imported data set on disk: its {@link DatasetManifest} beside train.jsonl, eval.jsonl and test.jsonl, one
 * {@code {"a", "b", "label", "row"}} a line.
 *
 * <p>The folder appears complete or not at all: it is written under another name, synced, and renamed. Reading verifies
 * everything.
 */
public final class DatasetFolder {
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
            Map<String, Split> splits = new LinkedHashMap<>();
            for (Map.Entry<String, List<Example>> split : dataset.splits().entrySet()) {
                String sha = writeSplit(split.getValue(), temporary.resolve(split.getKey() + ".jsonl"));
                splits.put(split.getKey(), new Split(split.getValue().size(), sha));
            }
            new DatasetManifest(dataset.task(), splits, dataset.notes(), dataset.digest()).write(temporary);
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
        DatasetManifest manifest = DatasetManifest.read(folder);
        List<List<Example>> splits = new ArrayList<>();
        for (Map.Entry<String, Split> split : manifest.splits().entrySet()) {
            splits.add(readSplit(folder.resolve(split.getKey() + ".jsonl"), split.getValue()));
        }
        Dataset dataset = Dataset.of(manifest.task(), splits.get(0), splits.get(1), splits.get(2), manifest.notes());
        if (!dataset.digest().equals(manifest.digest())) {
            throw damaged(folder, "digest " + dataset.digest(), "digest " + manifest.digest());
        }
        return dataset;
    }

    private static void requireSame(Dataset dataset, Path folder) throws IOException {
        String there = DatasetManifest.read(folder).digest();
        if (!there.equals(dataset.digest())) {
            throw new IOException(folder + " holds the data set " + there + ", wanted " + dataset.digest()
                    + "; choose another folder or delete this one");
        }
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

    private static PackedExamples readSplit(Path file, Split wanted) throws IOException {
        MessageDigest sha = DatasetDigest.sha256();
        PackedExamples examples = new PackedExamples();
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), sha);
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                examples.append(example(JSON.readTree(line)));
            }
        } catch (JsonProcessingException | IllegalArgumentException | NullPointerException e) {
            throw damaged(file, "a line that is no example", "a, b, label and row");
        }
        String seen = examples.size() + " rows, SHA-256 " + HexFormat.of().formatHex(sha.digest());
        String expected = wanted.rows() + " rows, SHA-256 " + wanted.sha256();
        if (!seen.equals(expected)) {
            throw damaged(file, seen, expected);
        }
        return examples.complete();
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
