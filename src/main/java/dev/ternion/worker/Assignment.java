package dev.ternion.worker;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What a worker is to do, as its server writes it to its standard input: one line, id and number.
 *
 * @param job id
 * @param attempt its number
 */
public record Assignment(String job, int attempt) {
    /** Writes it and closes the stream: there is one for each process. */
    void write(OutputStream out) throws IOException {
        try (out) {
            out.write((job + " " + attempt + "\n").getBytes(StandardCharsets.US_ASCII));
        }
    }

    /**
     * Waits for it.
     *
     * @return empty when the stream ends before: the server is gone, or needs this worker no more
     */
    public static Optional<Assignment> read(InputStream in) throws IOException {
        String line = new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII)).readLine();
        if (line == null) {
            return Optional.empty();
        }
        int space = line.indexOf(' ');
        return Optional.of(new Assignment(line.substring(0, space), Integer.parseInt(line.substring(space + 1))));
    }
}
