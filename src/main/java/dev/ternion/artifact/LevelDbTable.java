package dev.ternion.artifact;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * A LevelDB table held in memory, uncompressed blocks only: data blocks, an index block of (last key, place of a
 * block), and a 48-byte footer with the place of the index and a magic number. A block is entries (shared key prefix
 * length, rest length, value length, rest, value), restart points, then one byte of compression kind and a masked
 * CRC-32C.
 */
final class LevelDbTable {
    static final long MAGIC = 0xdb4775248b80fb57L;
    static final int FOOTER = 48;

    private static final int TRAILER = 5;
    private static final int CRC_MASK_DELTA = 0xa282ead8;
    private static final int MOST_ENTRIES = 100_000;

    /**
     * What keys and values may take beyond the file's size, in bytes: prefixes let a small file spell out very long keys, and
     * an index name one block many times.
     */
    private static final long FREE_BYTES = 8 << 20;

    /** What an entry takes as an object, in bytes. */
    private static final int ENTRY_OVERHEAD = 200;

    private final Object file;
    private final ByteBuffer table;
    private long bytesRead;
    private long blockBytes;
    private int entriesRead;

    private LevelDbTable(Object file, ByteBuffer table) {
        this.file = file;
        this.table = table.slice().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** All entries in key order. */
    static Map<String, ByteBuffer> read(Object file, ByteBuffer table) throws ArtifactException {
        try {
            return new LevelDbTable(file, table).entries();
        } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
            throw ArtifactException.because(
                    e,
                    file,
                    "table",
                    "a field that runs past its block",
                    "whole entries",
                    "The file is cut short or damaged: fetch it again.");
        }
    }

    private Map<String, ByteBuffer> entries() throws ArtifactException {
        ByteBuffer footer = footer();
        readVarint(footer);
        readVarint(footer);
        Map<String, ByteBuffer> all = new LinkedHashMap<>();
        for (ByteBuffer place : block(footer).values()) {
            block(place).forEach(all::put);
        }
        return all;
    }

    private ByteBuffer footer() throws ArtifactException {
        int size = table.limit();
        if (size < FOOTER) {
            throw ArtifactException.truncated(file, "file size", size + " bytes", "at least " + FOOTER);
        }
        long magic = table.getLong(size - Long.BYTES);
        if (magic != MAGIC) {
            throw ArtifactException.truncated(
                    file, "magic number in the last 8 bytes", Long.toHexString(magic), Long.toHexString(MAGIC));
        }
        return table.slice(size - FOOTER, FOOTER - Long.BYTES);
    }

    /** The entries of the block whose place (offset, size; varints) comes next. */
    private Map<String, ByteBuffer> block(ByteBuffer place) throws ArtifactException {
        long offset = readVarint(place);
        long size = readVarint(place);
        long most = table.limit() - FOOTER - TRAILER;
        if (offset < 0 || size < Integer.BYTES || size > most || offset > most - size) {
            throw ArtifactException.truncated(
                    file, "block", "offset " + offset + ", size " + size, "a range inside " + most + " bytes");
        }
        blockBytes += size;
        requireAtMost(blockBytes, table.limit(), "bytes of all blocks");
        requireIntact((int) offset, (int) size);
        return readBlock(table.slice((int) offset, (int) size).order(ByteOrder.LITTLE_ENDIAN));
    }

    private void requireIntact(int offset, int size) throws ArtifactException {
        int kind = table.get(offset + size);
        if (kind != 0) {
            throw ArtifactException.of(
                    file, "block at " + offset + ": compression", kind, "0 (none)", "Save the bundle uncompressed.");
        }
        int stored = table.getInt(offset + size + 1);
        int computed = maskedCrc(table.slice(offset, size + 1));
        if (stored != computed) {
            throw ArtifactException.truncated(
                    file, "block at " + offset + ": CRC-32C", hex(computed), hex(stored) + " as stored");
        }
    }

    private Map<String, ByteBuffer> readBlock(ByteBuffer block) throws ArtifactException {
        int restarts = block.getInt(block.limit() - Integer.BYTES);
        long end = block.limit() - Integer.BYTES * (restarts + 1L);
        if (restarts < 0 || end < 0) {
            throw ArtifactException.truncated(file, "block: restart points", restarts, "as many as fit the block");
        }
        Map<String, ByteBuffer> entries = new LinkedHashMap<>();
        byte[] key = new byte[0];
        ByteBuffer in = block.slice(0, (int) end);
        while (in.hasRemaining()) {
            key = readEntry(in, key, entries);
        }
        return entries;
    }

    /** @return the entry's key, which the next one shares a prefix with */
    private byte[] readEntry(ByteBuffer in, byte[] before, Map<String, ByteBuffer> entries) throws ArtifactException {
        long shared = readVarint(in);
        long rest = readVarint(in);
        long value = readVarint(in);
        if (shared < 0 || shared > before.length || rest < 0 || rest > in.remaining()) {
            throw ArtifactException.truncated(
                    file,
                    "block: key lengths",
                    shared + " + " + rest,
                    "at most " + before.length + " + " + in.remaining());
        }
        byte[] key = Arrays.copyOf(before, (int) (shared + rest));
        in.get(key, (int) shared, (int) rest);
        if (value < 0 || value > in.remaining()) {
            throw ArtifactException.truncated(file, "block: value length", value, "at most " + in.remaining());
        }
        bytesRead += key.length + value + ENTRY_OVERHEAD;
        requireAtMost(bytesRead, table.limit() + FREE_BYTES, "bytes of keys and values");
        requireAtMost(++entriesRead, MOST_ENTRIES, "entries");
        ByteBuffer bytes = in.slice(in.position(), (int) value);
        in.position(in.position() + (int) value);
        if (entries.putIfAbsent(new String(key, StandardCharsets.UTF_8), bytes) != null) {
            throw ArtifactException.truncated(file, "block: key of " + key.length + " bytes", "twice", "once");
        }
        return key;
    }

    private void requireAtMost(long seen, long most, String what) throws ArtifactException {
        if (seen > most) {
            throw ArtifactException.of(file, what, seen, "at most " + most, "This is no index of a model.");
        }
    }

    private static long readVarint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            byte next = in.get();
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
        return -1;
    }

    /** CRC-32C as LevelDB and TensorFlow store it: rotated by 15 bits and shifted by a constant. */
    static int maskedCrc(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate());
        return Integer.rotateRight((int) crc.getValue(), 15) + CRC_MASK_DELTA;
    }

    static String hex(int value) {
        return String.format("%08x", value);
    }
}
