package dev.ternion.audit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The files of a log: {@code audit-000001.jsonl} and so on, and {@code head}, which tells how far the log has come at least. */
final class AuditFolder {
    private static final Pattern FILE = Pattern.compile("audit-([0-9]{6})\\.jsonl");
    private static final Pattern HEAD = Pattern.compile("([0-9]{18}) ([0-9a-f]{64})\n");

    private final Path folder;

    AuditFolder(Path folder) {
        this.folder = folder;
    }

    /** Of a data folder. */
    static AuditFolder in(Path dataFolder) {
        return new AuditFolder(dataFolder.resolve("audit"));
    }

    /**
     * A line of the log, by number and hash.
     *
     * @param seq 0 for a log without lines
     * @param hash of the line
     */
    record Head(long seq, String hash) {}

    Path path() {
        return folder;
    }

    Path file(int number) {
        return folder.resolve(String.format("audit-%06d.jsonl", number));
    }

    /** Numbers of the files that are there, in order. */
    List<Integer> numbers() throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(folder)) {
            return all.map(file -> FILE.matcher(file.getFileName().toString()))
                    .filter(Matcher::matches)
                    .map(name -> Integer.parseInt(name.group(1)))
                    .sorted()
                    .toList();
        }
    }

    /** What {@code head} says; null when it is missing or damaged. */
    Head head() throws IOException {
        Path file = folder.resolve("head");
        if (!Files.exists(file)) {
            return null;
        }
        Matcher parts = HEAD.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
        return parts.matches() ? new Head(Long.parseLong(parts.group(1)), parts.group(2)) : null;
    }

    /** Says that the log has come so far. One write of the same length, so that a killed process leaves the old or the new. */
    void writeHead(Head head) throws IOException {
        String text = String.format("%018d %s%n", head.seq(), head.hash());
        try (FileChannel out =
                FileChannel.open(folder.resolve("head"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            out.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
        }
    }

    void syncNames() throws IOException {
        try (FileChannel names = FileChannel.open(folder, StandardOpenOption.READ)) {
            names.force(true);
        }
    }
}
