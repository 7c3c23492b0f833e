package dev.ternion.store;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** What {@code libfailing_disk.so}, loaded into a process, shares with the test: how many calls were made, and which fail. */
final class DiskControl {
    private static final int FIRST = 8;
    private static final int LAST = 16;
    private static final int BYTES = 24;

    private final MappedByteBuffer shared;

    /** @param file is made if it is not there; then nothing fails */
    DiskControl(Path file) throws IOException {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            boolean there = channel.size() == BYTES;
            shared = channel.map(FileChannel.MapMode.READ_WRITE, 0, BYTES);
            shared.order(ByteOrder.nativeOrder());
            if (!there) {
                heal();
            }
        }
    }

    /** Calls made, those that failed too, since the last {@link #failing}. */
    long calls() {
        return shared.getLong(0);
    }

    /** Calls are counted anew; those with these numbers fail. */
    void failing(long first, long last) {
        heal();
        shared.putLong(0, 0);
        shared.putLong(LAST, last);
        shared.putLong(FIRST, first);
    }

    /** From here on all fail: what a process leaves behind that ends now. */
    void failAll() {
        shared.putLong(LAST, Long.MAX_VALUE);
        shared.putLong(FIRST, 0);
    }

    /** From here on none fails. */
    void heal() {
        shared.putLong(FIRST, Long.MAX_VALUE);
    }
}
