package dev.ternion.data;

import java.io.IOException;
import java.io.Reader;

/** Lines of a text file, ended by LF or CRLF only (a lone CR is text), the last one with or without an end. */
final class TextLines {
    private final Reader reader;
    private final int maxLineChars;
    private int row;

    TextLines(Reader reader, int maxLineChars) {
        this.reader = reader;
        this.maxLineChars = maxLineChars;
    }

    /** Number of the line last returned, 1-based. */
    int row() {
        return row;
    }

    /**
     * The next line without its end, or null at the end of the file; a line over the bound is cut one character past
     * it.
     */
    String next() throws IOException {
        StringBuilder line = new StringBuilder();
        int c = reader.read();
        if (c < 0) {
            return null;
        }
        row++;
        while (c >= 0 && c != '\n') {
            if (line.length() <= maxLineChars) {
                line.append((char) c);
            }
            c = reader.read();
        }
        int last = line.length() - 1;
        if (last >= 0 && line.charAt(last) == '\r' && c == '\n') {
            line.setLength(last);
        }
        return line.toString();
    }
}
