package dev.ternion.fuzz;

import dev.ternion.artifact.ArtifactHeap;
import dev.ternion.data.DataHeap;
import java.lang.ref.Reference;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Parses the files of one case in a virtual machine of its own, and prints the bytes of heap in use while the result is held. */
public final class ParserHeap {
    private ParserHeap() {}

    static List<HeapCase> cases() {
        return Stream.concat(DataHeap.cases().stream(), ArtifactHeap.cases().stream())
                .toList();
    }

    /** @param arguments name of a case, folder of its files */
    public static void main(String[] arguments) throws Exception {
        HeapCase one = cases().stream()
                .filter(c -> c.name().equals(arguments[0]))
                .findFirst()
                .orElseThrow();
        Object result = one.parse(Path.of(arguments[1]));
        System.gc();
        System.out.println(
                Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
        Reference.reachabilityFence(result);
    }
}
