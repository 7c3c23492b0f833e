package dev.ternion.data;

import java.io.BufferedReader;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/**
 * A UTF-8 text file, decompressed if its name ends in {@code .gz}, read up to a bound.
 *
 * <p>Bytes that are not UTF-8 become {@link #INVALID}, a code point that no text may hold, so that the row that has
 * them can be named and the rows after it still be read. A byte order mark at the start is skipped.
 */
final class TextSource {
    /** Stands for bytes that are not UTF-8: the noncharacter U+FFFF. */
    static final char INVALID = '\uFFFF';

    private static final int BUFFER = 1 << 16;
    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private TextSource() {}

    /** Text for each byte of a compressed file, beyond what is free. */
    private static final long MOST_RATIO = 100;

    private static final long FREE_BYTES = 1 << 20;

    /**
     * Opens a file; reading past {@code maxBytes} of decompressed text, or more than {@value #MOST_RATIO} times the bytes of a
     * compressed file, throws {@link TooLargeException}.
     */
    static Reader open(Path file, long maxBytes) throws IOException {
        InputStream bytes = Files.newInputStream(file);
        try {
            boolean compressed = file.getFileName().toString().endsWith(".gz");
            long most = compressed ? Math.min(maxBytes, FREE_BYTES + MOST_RATIO * Files.size(file)) : maxBytes;
            InputStream plain = compressed ? new GZIPInputStream(bytes, BUFFER) : bytes;
            var decoder = StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPLACE)
                    .onUnmappableCharacter(CodingErrorAction.REPLACE)
                    .replaceWith(String.valueOf(INVALID));
            Reader reader = new BufferedReader(new InputStreamReader(new Bounded(plain, most), decoder), BUFFER);
            skipByteOrderMark(reader);
            return reader;
        } catch (IOException | RuntimeException e) {
            bytes.close();
            throw e;
        }
    }

    private static void skipByteOrderMark(Reader reader) throws IOException {
        reader.mark(1);
        if (reader.read() != BYTE_ORDER_MARK) {
            reader.reset();
        }
    }

    /** The file is larger than its bound. */
    static final class TooLargeException extends IOException {
        private static final long serialVersionUID = 1L;

        TooLargeException(long maxBytes) {
            super("more than " + maxBytes + " bytes after decompression, or " + MOST_RATIO
                    + " times the compressed file; split the file or raise the bound");
        }
    }

    private static final class Bounded extends FilterInputStream {
        private final long maxBytes;
        private long seen;

        Bounded(InputStream in, long maxBytes) {
            super(in);
            this.maxBytes = maxBytes;
        }

        @Override
        public int read() throws IOException {
            int value = super.read();
            count(value < 0 ? 0 : 1);
            return value;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int got = super.read(buffer, offset, length);
            count(Math.max(got, 0));
            return got;
        }

        private void count(int bytes) throws IOException {
            seen += bytes;
            if (seen > maxBytes) {
                throw new TooLargeException(maxBytes);
            }
        }
    }
}
