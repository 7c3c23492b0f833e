package dev.ternion.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;

/** Checks the folder of a server: there, writable, synced when asked to, roomy, and closed to others. */
final class FolderChecks {
    private static final long GIB = 1L << 30;
    private static final long WANTED_FREE = 2 * GIB;
    /** A create waits for about two syncs; one that takes longer is felt. */
    private static final long SLOW_NANOS = 100_000_000L;

    private static final Set<PosixFilePermission> OF_OTHERS = EnumSet.of(
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE,
            PosixFilePermission.OTHERS_EXECUTE);

    private final Path folder;
    private final Disk disk;
    private final LongSupplier nanos;

    /** What the checks ask of the disk; a test lets it fail. */
    interface Disk {
        /** As {@link FileChannel#force}. */
        void sync(FileChannel file) throws IOException;

        /** Bytes that can still be written. */
        long free(Path folder) throws IOException;
    }

    /** The real one. */
    static final Disk REAL = new Disk() {
        @Override
        public void sync(FileChannel file) throws IOException {
            file.force(true);
        }

        @Override
        public long free(Path folder) throws IOException {
            return Files.getFileStore(folder).getUsableSpace();
        }
    };

    /**
     * @param folder absolute; need not be there
     * @param nanos monotonic clock
     */
    FolderChecks(Path folder, Disk disk, LongSupplier nanos) {
        this.folder = folder;
        this.disk = disk;
        this.nanos = nanos;
    }

    List<Check> all() {
        Path there = folder;
        while (there != null && !Files.exists(there)) {
            there = there.getParent();
        }
        if (there == null || !Files.isDirectory(there)) {
            return List.of(Check.fail("data folder", there + " is no folder", "Choose another with --data DIR."));
        }
        return there.equals(folder)
                ? List.of(place(there), syncs(there), permissions())
                : List.of(place(there), syncs(there));
    }

    private Check place(Path there) {
        try {
            Files.delete(Files.createTempFile(there, "ternion-doctor", ".tmp"));
            long free = disk.free(there);
            String detail = folder + (there.equals(folder) ? "" : " (will be made)") + ", "
                    + String.format("%.1f GiB free", (double) free / GIB);
            return free >= WANTED_FREE
                    ? Check.ok("data folder", detail)
                    : Check.warn("data folder", detail, "Free some disk space: BERT-base jobs store about 1 GiB each.");
        } catch (IOException e) {
            return Check.fail("data folder", there + " is not writable: " + e, "Choose another with --data DIR.");
        }
    }

    private Check syncs(Path there) {
        Path file = null;
        try {
            file = Files.createTempFile(there, "ternion-doctor", ".tmp");
            long start;
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.write(ByteBuffer.wrap(new byte[4096]));
                start = nanos.getAsLong();
                disk.sync(channel);
            }
            long took = nanos.getAsLong() - start;
            String detail = String.format("fsync took %.1f ms", took / 1e6);
            return took < SLOW_NANOS
                    ? Check.ok("disk sync", detail)
                    : Check.warn("disk sync", detail, "Each change of a job waits for it; use a local disk.");
        } catch (IOException e) {
            return Check.fail(
                    "disk sync",
                    "fsync does not work in " + there + ": " + e,
                    "Use a local disk: a server would end with status " + ExitCode.STORE_LOST + " here.");
        } finally {
            deleteIfThere(file);
        }
    }

    private Check permissions() {
        try {
            Set<PosixFilePermission> all = Files.getPosixFilePermissions(folder);
            Set<PosixFilePermission> bad = EnumSet.copyOf(OF_OTHERS);
            bad.retainAll(all);
            String detail = PosixFilePermissions.toString(all);
            return bad.isEmpty()
                    ? Check.ok("permissions", detail)
                    : Check.warn(
                            "permissions",
                            detail + ": other users of this machine can reach jobs, data and weights",
                            "chmod 700 " + folder);
        } catch (IOException e) {
            return Check.fail("permissions", "cannot be read: " + e, "Choose another folder with --data DIR.");
        }
    }

    private static void deleteIfThere(Path file) {
        try {
            if (file != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            // the check of the folder tells that it is not writable
        }
    }
}
