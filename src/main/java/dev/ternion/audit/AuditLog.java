package dev.ternion.audit;

import dev.ternion.audit.AuditFolder.Head;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

/**
 * Adds lines to the log of a data folder. Processes that add at once wait for each other. Nothing is ever removed: a file that has become
 * {@link #FILE_BYTES} long is followed by another, and the chain goes on in it.
 */
public final class AuditLog implements AutoCloseable {
    /** A file is not begun a line in when it is longer. */
    static final long FILE_BYTES = 64L << 20;

    private static final Object IN_THIS_PROCESS = new Object();

    private final AuditFolder folder;
    private final Clock clock;
    private final long fileBytes;
    private final Disk disk;
    private final Object forcing = new Object();
    /** Number of the newest line that is certainly on disk. Guarded by {@link #forcing}. */
    private long forced;
    /** Why nothing more is taken as being on disk; null for no reason. */
    private volatile IOException lost;
    /** Files that were left for the next one, to be closed when nobody forces them. */
    private final List<FileChannel> left = new ArrayList<>();

    private int number;
    private FileChannel file;
    private long end = -1;
    private Head last = new Head(0, AuditLine.FIRST);

    /** Brings what was written to a file to the disk. */
    interface Disk {
        void force(FileChannel file) throws IOException;
    }

    /**
     * Opens the log of a data folder.
     *
     * @throws IOException also when lines were removed from its end
     */
    public AuditLog(Path dataFolder, Clock clock) throws IOException {
        this(dataFolder, clock, FILE_BYTES, file -> file.force(false));
    }

    AuditLog(Path dataFolder, Clock clock, long fileBytes, Disk disk) throws IOException {
        this.folder = AuditFolder.in(dataFolder);
        this.clock = clock;
        this.fileBytes = fileBytes;
        this.disk = disk;
        Files.createDirectories(folder.path());
        locked(() -> {
            goToEnd();
            return null;
        });
    }

    /**
     * Adds a line. Durable lines that come while others are brought to the disk share the next turn.
     *
     * @param durable whether it is on disk when this returns; else it is when the next durable one is
     * @param skipped others that were left out before it
     * @throws IOException when it is not there, or may not be
     */
    public void add(AuditEntry entry, boolean durable, long skipped) throws IOException {
        long seq = locked(() -> {
            goToEnd();
            AuditLine line = AuditLine.next(last.seq() + 1, last.hash(), clock.instant(), entry, skipped);
            write(line.bytes());
            last = new Head(line.seq(), line.hash());
            return last.seq();
        });
        if (durable || seq == 1) {
            force(seq);
        }
    }

    /** Returns when a line is on disk, and all before it. */
    private void force(long seq) throws IOException {
        synchronized (forcing) {
            if (lost != null) {
                throw new IOException("the audit log could not be written before", lost);
            }
            if (forced >= seq) {
                return;
            }
            FileChannel[] current = new FileChannel[1];
            Head head = locked(() -> {
                current[0] = file;
                return last;
            });
            bring(current[0]);
            locked(() -> tell(head));
            forced = head.seq();
        }
    }

    private void bring(FileChannel written) throws IOException {
        try {
            disk.force(written);
        } catch (IOException e) {
            // The system forgets that a write has failed: the next try could seem to succeed.
            lost = e;
            throw e;
        }
    }

    private Head tell(Head head) throws IOException {
        for (FileChannel old : left) {
            old.close();
        }
        left.clear();
        // Another process may have come further.
        Head told = folder.head();
        if (told == null || told.seq() < head.seq()) {
            folder.writeHead(head);
        }
        return head;
    }

    /** Work on the files. */
    private interface Work<T> {
        T run() throws IOException;
    }

    private <T> T locked(Work<T> work) throws IOException {
        synchronized (IN_THIS_PROCESS) {
            // Closing the file gives its lock back.
            try (FileChannel lock = FileChannel.open(
                    folder.path().resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                lock.lock();
                return work.run();
            }
        }
    }

    private void write(byte[] line) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(line);
        while (bytes.hasRemaining()) {
            end += file.write(bytes, end);
        }
    }

    /** Opens the newest file, where it was left by this process or another. */
    private void goToEnd() throws IOException {
        if (file == null || Files.exists(folder.file(number + 1))) {
            List<Integer> there = folder.numbers();
            open(there.isEmpty() ? 1 : there.get(there.size() - 1));
        }
        if (file.size() != end) {
            readLast();
            requireHead();
        }
        if (end >= fileBytes) {
            bring(file);
            open(number + 1);
            end = 0;
        }
    }

    private void open(int next) throws IOException {
        if (file != null) {
            left.add(file);
        }
        number = next;
        file = FileChannel.open(
                folder.file(next), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        folder.syncNames();
        end = -1;
    }

    /** Reads the last line; one that was cut by a kill was never told to anybody, and is removed. */
    private void readLast() throws IOException {
        long size = file.size();
        int length = (int) Math.min(size, 2L * AuditLine.LONGEST);
        ByteBuffer tail = ByteBuffer.allocate(length);
        while (tail.hasRemaining() && file.read(tail, size - length + tail.position()) >= 0) {
            continue;
        }
        String text = new String(tail.array(), StandardCharsets.ISO_8859_1);
        int after = text.lastIndexOf('\n') + 1;
        if (after < length) {
            file.truncate(size - length + after);
        }
        end = size - length + after;
        if (after == 0) {
            startAt(size);
            return;
        }
        int before = text.lastIndexOf('\n', after - 2) + 1;
        AuditLine line = AuditLine.parse(new String(tail.array(), before, after - 1 - before, StandardCharsets.UTF_8));
        if (line == null) {
            throw new IOException(folder.file(number) + " ends in a line that is none of an audit log;"
                    + " see `audit verify`, and move the folder " + folder.path() + " away to begin a new one");
        }
        last = new Head(line.seq(), line.hash());
    }

    /** A file without a whole line begins the log, or goes on after the file before it. */
    private void startAt(long size) throws IOException {
        if (size >= 2L * AuditLine.LONGEST) {
            throw new IOException(folder.file(number) + " is no file of an audit log");
        }
        if (number == 1) {
            last = new Head(0, AuditLine.FIRST);
            return;
        }
        int empty = number;
        open(empty - 1);
        readLast();
        open(empty);
        end = 0;
    }

    /** A log that has become shorter is not gone on with: that would hide it. */
    private void requireHead() throws IOException {
        Head head = folder.head();
        if (head != null && head.seq() > last.seq()) {
            throw new IOException(
                    "the audit log in " + folder.path() + " ends with line " + last.seq() + " but had " + head.seq()
                            + ": lines were removed; see `audit verify`, and move the folder away to begin a new one");
        }
    }

    /** Lets go of the files. */
    @Override
    public void close() throws IOException {
        for (FileChannel old : left) {
            old.close();
        }
        if (file != null) {
            file.close();
            file = null;
        }
    }
}
