package dev.ternion.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** A parser of untrusted files, and the files within its limits for which it needs most heap. */
public interface HeapCase {
    /** What reports and the child call it. */
    String name();

    /** Writes the files. */
    void write(Path folder) throws Exception;

    /** Parses them; what the server would keep is returned. A refusal is an answer, too. */
    Object parse(Path folder) throws Exception;

    /** Bytes of the files. */
    default long size(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile)
                    .mapToLong(path -> path.toFile().length())
                    .sum();
        }
    }

    /** Heap that a library takes for itself, whatever it reads. */
    default long libraryBytes() {
        return 0;
    }

    /** Writes files. */
    interface Writer {
        void write(Path folder) throws Exception;
    }

    /** Parses them. */
    interface Parser {
        Object parse(Path folder) throws Exception;
    }

    /** A case of two functions. */
    static HeapCase of(String name, Writer writer, Parser parser) {
        return of(name, 0, writer, parser);
    }

    /** The same with a library. */
    static HeapCase of(String name, long libraryBytes, Writer writer, Parser parser) {
        return new HeapCase() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public void write(Path folder) throws Exception {
                writer.write(folder);
            }

            @Override
            public Object parse(Path folder) throws Exception {
                return parser.parse(folder);
            }

            @Override
            public long libraryBytes() {
                return libraryBytes;
            }
        };
    }
}
