package dev.ternion.store;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The calls that changed the files of a folder, in order, as {@code libfailing_disk.so} has written them down. */
final class DiskJournal {
    private DiskJournal() {}

    /**
     * One call.
     *
     * @param kind write, truncate, sync or remove
     * @param file its name; of a sync of the folder itself the empty one
     * @param offset of what is written, or the length that is left
     * @param bytes what is written
     */
    record Call(String kind, String file, long offset, byte[] bytes) {}

    static List<Call> read(Path journal, Path folder) throws IOException {
        List<Call> calls = new ArrayList<>();
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(journal)))) {
            for (int first = in.read(); first >= 0; first = in.read()) {
                ByteArrayOutputStream line = new ByteArrayOutputStream();
                for (int next = first; next != '\n'; next = in.readByte()) {
                    line.write(next);
                }
                String[] words = line.toString(StandardCharsets.UTF_8).split(" ", 4);
                byte[] bytes = in.readNBytes(Integer.parseInt(words[2]));
                calls.add(new Call(
                        words[0], folder.relativize(Path.of(words[3])).toString(), Long.parseLong(words[1]), bytes));
            }
        }
        return calls;
    }
}
