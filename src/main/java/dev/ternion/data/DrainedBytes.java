package dev.ternion.data;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Enumeration;
import java.util.Queue;

/** Bytes that are written first and then read once; what has been read is forgotten. */
final class DrainedBytes extends OutputStream {
    private final Queue<byte[]> chunks = new ArrayDeque<>();

    @Override
    public void write(int value) {
        chunks.add(new byte[] {(byte) value});
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        chunks.add(Arrays.copyOfRange(bytes, offset, offset + length));
    }

    /** The bytes, to be asked for when all were written. */
    InputStream drain() {
        return new SequenceInputStream(new Enumeration<>() {
            @Override
            public boolean hasMoreElements() {
                return !chunks.isEmpty();
            }

            @Override
            public InputStream nextElement() {
                return new ByteArrayInputStream(chunks.remove());
            }
        });
    }
}
