package dev.ternion.objects;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/**
 * Named files that never change. Port; one object is whole and durable or not there. Calls may take as long as the bytes do, and come
 * from several threads; two calls at the same time do not name the same object.
 */
public interface ObjectStore {
    /**
     * Stores a file; an object of this name is replaced. When it returns, the object survives a power cut.
     *
     * @param name of {@link ObjectName}
     * @param file given away: gone afterwards; when the call fails it is as it was, or the object is there and the same call makes
     *     sure of it
     * @param sha256 of the file's bytes, lower-case hex
     * @throws DigestMismatch if the bytes have another digest; nothing was stored
     */
    void put(String name, Path file, String sha256) throws IOException;

    /** Bytes of an object; empty if it is not there. */
    OptionalLong size(String name) throws IOException;

    /**
     * The bytes of an object from an offset on, to be closed.
     *
     * @throws java.nio.file.NoSuchFileException if it is not there
     */
    InputStream open(String name, long offset) throws IOException;

    /** Removes an object, if it is there. */
    void delete(String name) throws IOException;

    /** Names that begin so, sorted. */
    List<String> list(String prefix) throws IOException;
}
