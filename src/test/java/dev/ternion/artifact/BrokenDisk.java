package dev.ternion.artifact;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** File operations of which the n-th fails: once, or as the last thing that the process does. Tells what was asked of it. */
final class BrokenDisk extends FileOperations {
    /** The process is gone: nothing after it happens, no clean-up either. */
    static final class Death extends Error {
        private static final long serialVersionUID = 1L;
    }

    final List<String> asked = new ArrayList<>();
    private final int failing;
    private final boolean deadly;

    /**
     * @param failing number of the operation that fails, from 1; 0 for none
     * @param deadly whether the process dies with it
     */
    BrokenDisk(int failing, boolean deadly) {
        this.failing = failing;
        this.deadly = deadly;
    }

    boolean failed() {
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
    void createFolder(Path folder) throws IOException {
        ask("create " + folder.getFileName());
        super.createFolder(folder);
    }

    @Override
    FileChannel create(Path file) throws IOException {
        ask("create " + target(file));
        return super.create(file);
    }

    /** When it fails, half of the content is lost. */
    @Override
    void sync(FileChannel file) throws IOException {
        try {
            ask("sync file");
        } catch (IOException | Death e) {
            file.truncate(file.size() / 2);
            throw e;
        }
        super.sync(file);
    }

    @Override
    void syncFolder(Path folder) throws IOException {
        ask("sync " + folder.getFileName());
        super.syncFolder(folder);
    }

    @Override
    void rename(Path from, Path to) throws IOException {
        ask("rename " + target(from) + " to " + to.getFileName());
        super.rename(from, to);
    }

    @Override
    void delete(Path path) throws IOException {
        ask("delete " + path.getFileName());
        super.delete(path);
    }

    /** A name without what makes it unlike any other. */
    private static String target(Path file) {
        return file.getFileName().toString().replaceAll("\\.[0-9]+-[0-9]+\\.tmp$", "");
    }
}
