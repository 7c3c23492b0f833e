package dev.ternion.fuzz;

import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;

/** A parser of untrusted bytes, to be called with damaged ones. One is used by one thread. */
public interface FuzzTarget {
    /** Memory that parsing may take whatever the size of the input, in bytes. */
    long FREE_BYTES = 16 << 20;

    /** Its folder below {@code src/test/resources/fuzz}, and what reports call it. */
    String name();

    /** Inputs to begin with: files as they should be. */
    List<byte[]> seeds() throws Exception;

    /** Words that its format gives a meaning. */
    List<String> words();

    /**
     * Parses.
     *
     * @param scratch a folder to write to
     */
    void parse(byte[] input, Path scratch) throws Exception;

    /** Whether a parser may answer so. */
    boolean isDocumented(Throwable thrown);

    /** Memory that parsing an input may take, in bytes, kept or thrown away. */
    default long memory(byte[] input) {
        return FREE_BYTES + 2L * input.length;
    }

    /** Makes checksums or lengths fit again after a change, so that it is not refused for them alone. */
    default byte[] repair(byte[] input, SplittableRandom random) {
        return input;
    }
}
