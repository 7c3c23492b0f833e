package dev.ternion.artifact;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What a model folder holds and where it came from: {@code manifest.json}.
 *
 * @param files file name → size and digest, sorted; names are plain, without a folder
 * @param source name of the file or folder that was imported; empty if nothing was
 * @param sourceSha256 its digest; empty if unknown
 * @param licence SPDX identifier; empty if unknown
 */
public record Manifest(SortedMap<String, Entry> files, String source, String sourceSha256, Optional<String> licence) {
    /** The manifest's own file name; it does not list itself. */
    public static final String NAME = "manifest.json";

    private static final long LONGEST = 16 << 20;
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,254}");

    public Manifest {
        files = Collections.unmodifiableSortedMap(new TreeMap<>(files));
    }

    /**
     * A file as it was when the manifest was made.
     *
     * @param size bytes
     * @param sha256 64 lower-case hex digits
     */
    public record Entry(long size, String sha256) {}

    /** Measures files of a folder. */
    public static Manifest of(
            Path folder, Collection<String> names, String source, String sourceSha256, Optional<String> licence)
            throws IOException {
        SortedMap<String, Entry> files = new TreeMap<>();
        for (String name : names) {
            Path file = folder.resolve(name);
            files.put(name, new Entry(Files.size(file), Digests.sha256(file)));
        }
        return new Manifest(files, source, sourceSha256, licence);
    }

    /** Writes {@code manifest.json} into the folder, whole or not at all. */
    public void write(Path folder) throws IOException {
        write(FileOperations.REAL, folder);
    }

    void write(FileOperations operations, Path folder) throws IOException {
        AtomicFile.write(operations, folder.resolve(NAME), toJson());
    }

    /** The bytes of {@code manifest.json}; they depend on nothing but what this record holds. */
    byte[] toJson() {
        ObjectNode json = StrictJson.object();
        ObjectNode list = json.putObject("files");
        files.forEach((name, entry) ->
                list.putObject(name).put("sha256", entry.sha256()).put("size", entry.size()));
        licence.ifPresent(id -> json.put("licence", id));
        json.putObject("source").put("name", source).put("sha256", sourceSha256);
        return (json.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** SHA-256 of the names and digests of all files: the same wherever the same files came from. */
    public String filesDigest() {
        StringBuilder text = new StringBuilder();
        files.forEach((name, entry) ->
                text.append(entry.sha256()).append(' ').append(name).append('\n'));
        return Digests.sha256(text.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** @throws ArtifactException for a manifest that is malformed or names files outside its folder */
    public static Manifest read(Path folder) throws IOException {
        Path file = folder.resolve(NAME);
        JsonNode json = StrictJson.read(file, LONGEST);
        SortedMap<String, Entry> files = new TreeMap<>();
        if (!json.path("files").isObject()) {
            throw malformed(file, "files", StrictJson.shown(json.path("files")), "an object");
        }
        for (Map.Entry<String, JsonNode> field : json.path("files").properties()) {
            files.put(plain(file, field.getKey()), entry(file, field.getKey(), field.getValue()));
        }
        JsonNode source = json.path("source");
        Optional<String> licence = Optional.ofNullable(json.path("licence").textValue());
        return new Manifest(
                files, source.path("name").asText(""), source.path("sha256").asText(""), licence);
    }

    private static String plain(Path file, String name) throws ArtifactException {
        if (!PLAIN.matcher(name).matches()) {
            throw malformed(file, "file name", name, "letters, digits, '.', '_' and '-', no folder");
        }
        return name;
    }

    private static Entry entry(Path file, String name, JsonNode json) throws ArtifactException {
        JsonNode size = json.path("size");
        String sha256 = json.path("sha256").asText("");
        if (!size.isIntegralNumber() || !size.canConvertToLong() || size.longValue() < 0) {
            throw malformed(file, name + ": size", StrictJson.shown(size), "a number of bytes");
        }
        if (!Digests.isSha256(sha256)) {
            throw malformed(file, name + ": sha256", sha256, "64 lower-case hex digits");
        }
        return new Entry(size.longValue(), sha256);
    }

    private static ArtifactException malformed(Path file, String what, Object seen, String wanted) {
        return ArtifactException.of(file, what, seen, wanted, "The file is damaged: import or train the model again.");
    }

    /**
     * Measures the folder's files again.
     *
     * @throws ArtifactException with every file that is missing or differs, what was expected and what is there
     */
    public void verify(Path folder) throws IOException {
        List<String> problems = differences(measured(folder));
        if (!problems.isEmpty()) {
            throw ArtifactException.of(
                    folder,
                    "files that differ from " + NAME,
                    problems.size() + " of " + files.size(),
                    "none",
                    "Import the model again: " + String.join("; ", problems) + ".");
        }
    }

    private Manifest measured(Path folder) throws IOException {
        List<String> there = files.keySet().stream()
                .filter(name -> Files.isRegularFile(folder.resolve(name)))
                .toList();
        return of(folder, there, source, sourceSha256, licence);
    }

    /** Every file that is missing, differs or is one too many, with what was expected and what is there. */
    List<String> differences(Manifest there) {
        List<String> problems = new ArrayList<>();
        files.forEach((name, expected) -> {
            Entry got = there.files().get(name);
            if (got == null) {
                problems.add(name + " is missing");
            } else if (got.size() != expected.size()) {
                problems.add(name + ": expected " + expected.size() + " bytes, got " + got.size());
            } else if (!got.equals(expected)) {
                problems.add(name + ": expected sha256 " + expected.sha256() + ", got " + got.sha256());
            }
        });
        there.files().keySet().stream()
                .filter(name -> !files.containsKey(name))
                .forEach(name -> problems.add(name + " is one too many"));
        return problems;
    }
}
