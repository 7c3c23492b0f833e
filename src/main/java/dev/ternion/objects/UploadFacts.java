package dev.ternion.objects;

import dev.ternion.artifact.AtomicFile;
import dev.ternion.artifact.FileOperations;
import java.io.IOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;

/**
 * The file of what is known of an upload: one line, {@code ternion-upload 1 SIZE COMMITTED SHA256 EXPIRES OWNER}, {@code -} for no digest; the
 * owner percent-encoded after a {@code @}, and left out by earlier versions.
 */
final class UploadFacts {
    private static final String KIND = "ternion-upload";
    private static final String VERSION = "1";
    private static final String NONE = "-";
    private static final String OWNER = "@";
    private static final int WORDS = 7;

    private UploadFacts() {}

    /** Replaces the file: what is there afterwards, or after a failure, is the old or the new line. */
    static void write(FileOperations files, Path file, Upload upload) throws IOException {
        String digest = upload.isFinalized() ? upload.sha256() : NONE;
        String line = String.join(
                " ",
                KIND,
                VERSION,
                String.valueOf(upload.size()),
                String.valueOf(upload.committed()),
                digest,
                upload.expires().toString(),
                OWNER + URLEncoder.encode(upload.owner(), StandardCharsets.UTF_8));
        AtomicFile.write(files, file, (line + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /** @throws IOException also if the file holds anything else */
    static Upload read(String id, Path file) throws IOException {
        String[] words = Files.readString(file).strip().split(" ");
        if (words.length < WORDS - 1
                || words.length > WORDS
                || !words[0].equals(KIND)
                || !words[1].equals(VERSION)
                || words.length == WORDS && !words[6].startsWith(OWNER)) {
            throw new IOException(file + " is no file of an upload");
        }
        try {
            return new Upload(
                    id,
                    Long.parseLong(words[2]),
                    Long.parseLong(words[3]),
                    words[4].equals(NONE) ? "" : words[4],
                    Instant.parse(words[5]),
                    words.length < WORDS ? "" : URLDecoder.decode(words[6].substring(1), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException | DateTimeException e) {
            throw new IOException(file + " is no file of an upload", e);
        }
    }
}
