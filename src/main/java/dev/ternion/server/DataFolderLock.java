package dev.ternion.server;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;

/**
 * Keeps a data folder for one server. The lock dies with the process; {@code server.txt} tells others who has it. Both
 * files stay behind, which means nothing.
 */
public final class DataFolderLock implements AutoCloseable {
    private static final String LOCK = "server.lock";
    private static final String OWNER = "server.txt";
    private static final Set<PosixFilePermission> OWN = PosixFilePermissions.fromString("rwx------");

    private final Path folder;
    private final FileChannel channel;

    private DataFolderLock(Path folder, FileChannel channel) {
        this.folder = folder;
        this.channel = channel;
    }

    /**
     * Takes the folder, which is created if need be, for its owner alone.
     *
     * @throws FolderInUse if another server has it; the message tells its pid and port
     */
    public static DataFolderLock acquire(Path folder) throws IOException {
        Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(OWN));
        FileChannel channel =
                FileChannel.open(folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (tryLock(channel) == null) {
            channel.close();
            throw new FolderInUse("data folder " + folder + " is used by another server (" + owner(folder)
                    + "); use that server, stop it, or choose another folder");
        }
        DataFolderLock lock = new DataFolderLock(folder, channel);
        lock.publish("starting");
        return lock;
    }

    /**
     * Who has the folder: pid and port; empty when nobody has. To be asked from another process than the server's, as closing a file takes
     * the locks of its process away.
     */
    public static Optional<String> holder(Path folder) throws IOException {
        if (!Files.exists(folder.resolve(LOCK))) {
            return Optional.empty();
        }
        try (FileChannel channel = FileChannel.open(folder.resolve(LOCK), StandardOpenOption.WRITE)) {
            return tryLock(channel) == null ? Optional.of(owner(folder)) : Optional.empty();
        }
    }

    /** Tells others on which port the owner listens. */
    public void publishPort(int port) throws IOException {
        publish(String.valueOf(port));
    }

    /** Gives the folder back. */
    @Override
    public void close() throws IOException {
        if (channel.isOpen()) {
            Files.deleteIfExists(folder.resolve(OWNER));
            channel.close();
        }
    }

    private void publish(String port) throws IOException {
        Files.writeString(
                folder.resolve(OWNER), "pid " + ProcessHandle.current().pid() + ", port " + port + "\n");
    }

    /** The lock, or null if another process or another server of this process has it. */
    private static FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    private static String owner(Path folder) {
        try {
            return Files.readString(folder.resolve(OWNER)).trim();
        } catch (IOException e) {
            return "pid unknown, port unknown";
        }
    }
}
