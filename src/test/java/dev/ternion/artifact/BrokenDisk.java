package dev.ternion.artifact;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** File operations of which the n-th fails: once, or as the last thing that the process does. Tells what was asked of it. */
public final class BrokenDisk extends FileOperations {
    /** The process is gone: nothing after it happens, no clean-up either. */
    public static final class Death extends Error {
        private static final long serialVersionUID = 1L;
    }

    public final List<String> asked = new ArrayList<>();
    private final Map<FileChannel, Path> opened = new IdentityHashMap<>();
    private final Map<Path, Long> synced = new HashMap<>();
    private final int failing;
    private final boolean deadly;

    /**
     * @param failing number of the operation that fails, from 1; 0 for none
     * @param deadly whether the process dies with it
     */
    public BrokenDisk(int failing, boolean deadly) {
        this.failing = failing;
        this.deadly = deadly;
    }

    /** Whether its turn has come. */
    public boolean failed() {
        return failing > 0 && asked.size() >= failing;
    }

    private void ask(String operation) throws IOException {
        asked.add(operation);
        if (deadly && failed()) {
            throw new Death();
        }
        if (asked.size() == failing) {
            throw new IOException(operation + " fails");
        }
    }

    @Override
    public void createFolder(Path folder) throws IOException {
        ask("create " + folder.getFileName());
        super.createFolder(folder);
    }

    @Override
    public FileChannel create(Path file) throws IOException {
        ask("create " + target(file));
        return remember(file, super.create(file));
    }

    @Override
    public FileChannel open(Path file) throws IOException {
        return remember(file, super.open(file));
    }

    private FileChannel remember(Path file, FileChannel channel) {
        opened.put(channel, file);
        return channel;
    }

    /** When it fails, half of the bytes are there. */
    @Override
    public void write(FileChannel file, ByteBuffer bytes, long at) throws IOException {
        try {
            ask("write " + bytes.remaining());
        } catch (IOException | Death e) {
            super.write(file, bytes.limit(bytes.position() + bytes.remaining() / 2), at);
            throw e;
        }
        super.write(file, bytes, at);
    }

    /** When it fails, half of what was not synced before is lost. */
    @Override
    public void sync(FileChannel file) throws IOException {
        Path path = opened.get(file);
        long kept = synced.getOrDefault(path, 0L);
        try {
            ask("sync file");
        } catch (IOException | Death e) {
            file.truncate(kept + (file.size() - kept) / 2);
            throw e;
        }
        super.sync(file);
        synced.put(path, file.size());
    }

    @Override
    public void syncFolder(Path folder) throws IOException {
        ask("sync " + folder.getFileName());
        super.syncFolder(folder);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        ask("rename " + target(from) + " to " + to.getFileName());
        super.rename(from, to);
    }

    @Override
    public void delete(Path path) throws IOException {
        ask("delete " + path.getFileName());
        super.delete(path);
    }

    /** A name without what makes it unlike any other. */
    private static String target(Path file) {
        return file.getFileName().toString().replaceAll("\\.[0-9]+-[0-9]+\\.tmp$", "");
    }
}
