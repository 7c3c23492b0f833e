package dev.ternion.data;

import java.io.IOException;
import java.io.Reader;
import java.util.Arrays;

/** Lines of a text file, ended by LF or CRLF only (a lone CR is text), the last one with or without an end. */
final class TextLines {
    private static final int BUFFER = 1 << 13;

    private final Reader reader;
    private final int maxLineChars;
    private final char[] read = new char[BUFFER];
    private int at;
    private int end;
    private char[] line = new char[1 << 10];
    private int length;
    private int row;

    TextLines(Reader reader, int maxLineChars) {
        this.reader = reader;
        this.maxLineChars = maxLineChars;
    }

    /** Number of the line last read, 1-based. */
    int row() {
        return row;
    }

    /** The line last read, without its end; one over the bound is cut one character past it. */
    String text() {
        return new String(line, 0, length);
    }

    /** UTF-16 units of {@link #text}. */
    int length() {
        return length;
    }

    /** The units of {@link #text} and more; the next line overwrites them. */
    char[] chars() {
        return line;
    }

    /** Reads the next line; false at the end of the file. */
    boolean next() throws IOException {
        length = 0;
        if (!more()) {
            return false;
        }
        row++;
        boolean ended = false;
        while (!ended && more()) {
            int from = at;
            while (at < end && read[at] != '\n') {
                at++;
            }
            append(from, at - from);
            ended = at < end;
            at += ended ? 1 : 0;
        }
        if (ended && length > 0 && line[length - 1] == '\r') {
            length--;
        }
        return true;
    }

    private boolean more() throws IOException {
        if (at == end) {
            at = 0;
            end = Math.max(0, reader.read(read, 0, read.length));
        }
        return at < end;
    }

    private void append(int from, int count) {
        int kept = Math.min(count, maxLineChars + 1 - length);
        if (length + kept > line.length) {
            line = Arrays.copyOf(line, Math.max(length + kept, 2 * line.length));
        }
        System.arraycopy(read, from, line, length, kept);
        length += kept;
    }
}
