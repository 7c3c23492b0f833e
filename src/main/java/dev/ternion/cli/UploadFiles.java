package dev.ternion.cli;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.ternion.api.v1.FileChunk;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** Local files as pieces. */
final class UploadFiles {
    private static final int CHUNK_BYTES = 512 * 1024;

    /** Opens the contents. */
    interface Source {
        /** Contents from the first byte on. */
        InputStream open() throws IOException;
    }

    /**
     * A file to send.
     *
     * @param path path in the imported folder
     * @param source contents
     * @param file with these contents, if there is one
     */
    record Entry(String path, Source source, Optional<Path> file) {
        /** Contents that are no file. */
        Entry(String path, Source source) {
            this(path, source, Optional.empty());
        }

        /** A local file under its own name. */
        static Entry of(Path file) {
            return of(file.getFileName().toString(), file);
        }

        static Entry of(String path, Path file) {
            return new Entry(path, () -> Files.newInputStream(file), Optional.of(file));
        }
    }

    private UploadFiles() {}

    /** A file, or all files of a folder that end in one of the suffixes; hidden ones are left out. */
    static List<Entry> under(Path path, List<String> suffixes) throws IOException {
        if (!Files.isDirectory(path)) {
            if (!Files.isRegularFile(path)) {
                throw new CliException(ExitCode.USAGE, "no such file or folder: " + path);
            }
            return List.of(Entry.of(path));
        }
        List<Entry> entries = new ArrayList<>();
        try (Stream<Path> walk = Files.walk(path)) {
            for (Path file : walk.filter(Files::isRegularFile).sorted().toList()) {
                String name = path.relativize(file).toString().replace('\\', '/');
                boolean hidden = name.startsWith(".") || name.contains("/.");
                if (!hidden && suffixes.stream().anyMatch(name::endsWith)) {
                    entries.add(Entry.of(name, file));
                }
            }
        }
        if (entries.isEmpty()) {
            throw new CliException(ExitCode.USAGE, path + " holds no file that ends in " + String.join(", ", suffixes));
        }
        return entries;
    }

    /** Sends all files and waits for the answer. */
    static <Q, R> R send(UploadCall<Q, R> call, Q header, List<Entry> files, Function<FileChunk, Q> request)
            throws IOException, InterruptedException {
        try {
            call.send(header);
            for (Entry file : files) {
                send(call, file, request);
            }
            return call.finish();
        } catch (IOException | InterruptedException e) {
            call.cancel("the upload was given up", e);
            throw e;
        }
    }

    private static <Q> void send(UploadCall<Q, ?> call, Entry file, Function<FileChunk, Q> request)
            throws IOException, InterruptedException {
        Sha256 sha256 = new Sha256();
        byte[] buffer = new byte[CHUNK_BYTES];
        try (InputStream in = file.source().open()) {
            boolean last;
            do {
                int length = in.readNBytes(buffer, 0, CHUNK_BYTES);
                last = length < CHUNK_BYTES;
                sha256.update(buffer, length);
                ByteString data = UnsafeByteOperations.unsafeWrap(Arrays.copyOf(buffer, length));
                FileChunk.Builder chunk = FileChunk.newBuilder()
                        .setPath(file.path())
                        .setData(data)
                        .setLast(last);
                if (last) {
                    chunk.setSha256(sha256.hex());
                }
                call.send(request.apply(chunk.build()));
            } while (!last);
        }
    }
}
