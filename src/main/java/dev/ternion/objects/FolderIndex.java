package dev.ternion.objects;

import dev.ternion.artifact.Digests;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a folder of files holds, as lines of text: {@code ternion-folder 1 MILLIS}, then {@code SHA256 SIZE MILLIS NAME} for each file, by
 * name, then {@code end SHA256} of the bytes before.
 *
 * @param millis when the folder was last changed
 * @param files file name to what it is; names are plain, without a folder
 */
public record FolderIndex(long millis, SortedMap<String, Entry> files) {
    /** Bytes of an index. */
    static final int LONGEST = 1 << 20;

    private static final int MOST_FILES = 1000;
    private static final long READ_AT_ONCE = 1 << 20;
    private static final String HEAD = "ternion-folder 1 ";
    private static final String END = "end ";
    private static final Pattern FILE =
            Pattern.compile("([0-9a-f]{64}) ([0-9]{1,18}) (-?[0-9]{1,18}) ([A-Za-z0-9_][A-Za-z0-9._-]{0,254})");

    /** Copies the map. */
    public FolderIndex {
        files = Collections.unmodifiableSortedMap(new TreeMap<>(files));
    }

    /**
     * A file.
     *
     * @param size bytes
     * @param millis when it was last changed
     * @param sha256 64 lower-case hex digits
     */
    public record Entry(long size, long millis, String sha256) {
        private boolean isOf(Entry other) {
            return size == other.size && sha256.equals(other.sha256);
        }
    }

    /**
     * Measures a folder: reads all of it.
     *
     * @throws IOException also if it holds anything but files with plain names
     */
    static FolderIndex of(Path folder) throws IOException {
        SortedMap<String, Entry> files = new TreeMap<>();
        for (Path file : children(folder)) {
            files.put(
                    file.getFileName().toString(),
                    new Entry(Files.size(file), Files.getLastModifiedTime(file).toMillis(), Digests.sha256(file)));
        }
        FolderIndex index = new FolderIndex(Files.getLastModifiedTime(folder).toMillis(), files);
        parse(folder.toString(), index.bytes());
        return index;
    }

    private static List<Path> children(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.sorted().toList();
        }
    }

    /** Whether both have the same files with the same bytes. */
    boolean sameFiles(FolderIndex other) {
        return files.keySet().equals(other.files.keySet())
                && files.entrySet().stream().allMatch(file -> file.getValue().isOf(other.files.get(file.getKey())));
    }

    /** Whether a folder has these files, as far as names, sizes and the bytes of files up to 1 MiB tell, manifests among them. */
    public boolean looksLike(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return false;
        }
        List<Path> there = children(folder);
        if (there.size() != files.size()) {
            return false;
        }
        try {
            for (Path file : there) {
                Entry entry = files.get(file.getFileName().toString());
                if (entry == null
                        || Files.size(file) != entry.size()
                        || entry.size() <= READ_AT_ONCE && !Digests.sha256(file).equals(entry.sha256())) {
                    return false;
                }
            }
            return true;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /** Gives files and folder the times that they had. */
    void restoreTimes(Path folder) throws IOException {
        for (var file : files.entrySet()) {
            Files.setLastModifiedTime(
                    folder.resolve(file.getKey()),
                    FileTime.fromMillis(file.getValue().millis()));
        }
        Files.setLastModifiedTime(folder, FileTime.fromMillis(millis));
    }

    byte[] bytes() {
        StringBuilder text = new StringBuilder(HEAD).append(millis).append('\n');
        files.forEach((name, file) -> text.append(file.sha256())
                .append(' ')
                .append(file.size())
                .append(' ')
                .append(file.millis())
                .append(' ')
                .append(name)
                .append('\n'));
        String body = text.toString();
        return (body + END + Digests.sha256(body.getBytes(StandardCharsets.UTF_8)) + "\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Reads what {@link #bytes} has made.
     *
     * @throws FolderDamage if it is anything else
     */
    static FolderIndex parse(String name, byte[] bytes) throws FolderDamage {
        if (bytes.length > LONGEST) {
            throw new FolderDamage(name + " has more than " + LONGEST + " bytes");
        }
        try {
            String text = new String(bytes, StandardCharsets.UTF_8);
            List<String> lines = text.lines().toList();
            SortedMap<String, Entry> files = new TreeMap<>();
            for (String line : lines.subList(1, lines.size() - 1)) {
                var parts = FILE.matcher(line);
                if (!parts.matches()) {
                    throw new FolderDamage(name + " has the line \"" + line + "\"");
                }
                files.put(
                        parts.group(4),
                        new Entry(Long.parseLong(parts.group(2)), Long.parseLong(parts.group(3)), parts.group(1)));
            }
            FolderIndex index = new FolderIndex(Long.parseLong(lines.get(0).substring(HEAD.length())), files);
            if (files.size() > MOST_FILES || !new String(index.bytes(), StandardCharsets.UTF_8).equals(text)) {
                throw new FolderDamage(name + " is no index of at most " + MOST_FILES + " files");
            }
            return index;
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new FolderDamage(name + " is no index of a folder");
        }
    }
}
