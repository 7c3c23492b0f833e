package dev.ternion.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Spec bar S-10: parsing files of n bytes in all holds at most 16 MiB + 2 n of heap at a time. Each parser reads the worst files
 * that its limits admit in a virtual machine that has so much, and what it has in use without them.
 */
class ParserHeapIT {
    private static final long FREE_BYTES = 16 << 20;

    /** What the machine, JSON library and test have in use after a smallest file: 2.5 to 3.7 MB were measured. */
    private static final long OWN_BYTES = 4 << 20;

    /** The machine rounds the size of its heap up to these. */
    private static final long ALIGNMENT = 2 << 20;

    @TempDir
    Path folder;

    static Stream<String> cases() {
        return ParserHeap.cases().stream().map(HeapCase::name);
    }

    private record Run(int status, String output) {}

    private Run parse(HeapCase one, Path files, long heap) throws IOException, InterruptedException {
        Path output = folder.resolve("output");
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-Xmx" + heap,
                        "-cp",
                        System.getProperty("java.class.path"),
                        ParserHeap.class.getName(),
                        one.name(),
                        files.toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        if (!child.waitFor(2, TimeUnit.MINUTES)) {
            child.destroyForcibly().waitFor();
        }
        return new Run(child.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void heap_isBoundedByTheFiles(String name) throws Exception {
        HeapCase one = ParserHeap.cases().stream()
                .filter(c -> c.name().equals(name))
                .findFirst()
                .orElseThrow();
        Path files = Files.createDirectory(folder.resolve("files"));
        one.write(files);
        long most = OWN_BYTES + one.libraryBytes() + FREE_BYTES + 2 * one.size(files);
        Run run = parse(one, files, most / ALIGNMENT * ALIGNMENT);
        System.out.println(
                name + ": " + one.size(files) + " bytes of files, " + run.output.strip() + " of heap held at the end");
        assertThat(run.status)
                .as("%s in %d bytes of heap: %s", name, most, run.output)
                .isZero();
    }
}
