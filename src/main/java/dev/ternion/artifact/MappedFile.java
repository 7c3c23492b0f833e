package dev.ternion.artifact;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file mapped read-only: whole when it fits one buffer, region by region when it is larger. */
final class MappedFile implements Closeable {
    private final Path path;
    private final FileChannel channel;
    private final long size;
    private final ByteBuffer whole;

    MappedFile(Path path) throws IOException {
        this.path = path;
        if (!Files.isRegularFile(path)) {
            String seen = Files.exists(path) ? "something that is not a file" : "nothing at this path";
            throw ArtifactException.of(path, "open", seen, "a file", "Check the path.");
        }
        this.channel = FileChannel.open(path, StandardOpenOption.READ);
        try {
            this.size = channel.size();
            this.whole = size <= Integer.MAX_VALUE ? channel.map(FileChannel.MapMode.READ_ONLY, 0, size) : null;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    Path path() {
        return path;
    }

    long size() {
        return size;
    }

    /**
     * A read-only little-endian view of {@code length} bytes from {@code offset}; both were checked against the size.
     */
    ByteBuffer region(long offset, long length) throws IOException {
        if (!channel.isOpen()) {
            throw ArtifactException.of(path, "read", "a closed file", "an open one", "Read before closing it.");
        }
        if (offset < 0 || length < 0 || offset > size - length || length > Integer.MAX_VALUE) {
            throw ArtifactException.truncated(
                    path, "bytes " + offset + " +" + length, size + " bytes in the file", "a range inside it");
        }
        ByteBuffer view = whole != null
                ? whole.slice((int) offset, (int) length)
                : channel.map(FileChannel.MapMode.READ_ONLY, offset, length);
        return view.order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
