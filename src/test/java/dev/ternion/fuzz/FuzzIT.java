package dev.ternion.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.api.SpecFuzz;
import dev.ternion.artifact.ArtifactFuzz;
import dev.ternion.cli.JobFileFuzz;
import dev.ternion.data.DataFuzz;
import dev.ternion.server.RequestFuzz;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * All parsers of untrusted bytes: every input that was a finding once, then changed inputs. 1 second of each parser; 30 in CI, 60
 * with the profile long. Other draws: {@code -Dternion.fuzz.seed=N}.
 */
@Timeout(value = 12, unit = TimeUnit.HOURS) // a parser that hangs is found and named long before
class FuzzIT {
    private static final double SECONDS = Double.parseDouble(System.getProperty("ternion.fuzz", "1"));
    private static final long SEED = Long.getLong("ternion.fuzz.seed", 20261128);
    private static final String ONE = System.getProperty("ternion.fuzz.parser", "");

    /** Files that are written and read thousands of times a second. */
    private static final Path MEMORY = Path.of("/dev/shm");

    @TempDir
    Path onDisk;

    private static List<FuzzTarget> targets() {
        return Stream.of(
                        ArtifactFuzz.targets(),
                        DataFuzz.targets(),
                        RequestFuzz.targets(),
                        SpecFuzz.targets(),
                        JobFileFuzz.targets())
                .flatMap(List::stream)
                .filter(target -> ONE.isEmpty() || target.name().equals(ONE))
                .toList();
    }

    /** Seeds, and what was kept of earlier findings. */
    private static List<byte[]> corpus(FuzzTarget target) throws Exception {
        List<byte[]> all = new ArrayList<>(target.seeds());
        URL folder = FuzzIT.class.getResource("/fuzz/" + target.name());
        if (folder != null) {
            try (Stream<Path> kept = Files.list(Path.of(folder.toURI()))) {
                kept.sorted().map(FuzzIT::read).forEach(all::add);
            }
        }
        return all;
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void parsers_answerAsDocumentedInTimeAndMemory() throws Exception {
        Path folder = Files.isWritable(MEMORY) ? Files.createTempDirectory(MEMORY, "fuzz") : onDisk;
        List<FuzzTarget> targets = targets();
        ExecutorService threads = Executors.newFixedThreadPool(2);
        List<Fuzzer> fuzzers = new ArrayList<>();
        List<Future<?>> runs = new ArrayList<>();
        for (FuzzTarget target : targets) {
            Fuzzer fuzzer = new Fuzzer(target, Files.createDirectories(folder.resolve(target.name())), SEED);
            fuzzers.add(fuzzer);
            List<byte[]> corpus = corpus(target);
            runs.add(threads.submit(() -> fuzzer.run(corpus, SECONDS)));
        }
        List<String> findings = new ArrayList<>();
        for (int i = 0; i < runs.size(); i++) {
            finding(runs.get(i), fuzzers.get(i)).ifPresent(findings::add);
        }
        threads.shutdownNow();
        delete(folder);
        assertThat(findings).as("seed %d", SEED).isEmpty();
        for (int i = 0; i < targets.size(); i++) {
            Fuzzer fuzzer = fuzzers.get(i);
            System.out.println(targets.get(i).name() + ": " + fuzzer.calls() + " calls, " + fuzzer.answers()
                    + " kinds of answers, seed " + SEED);
            assertThat(fuzzer.answers()).as(targets.get(i).name()).isGreaterThan(1);
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }

    private static Optional<String> finding(Future<?> run, Fuzzer fuzzer) throws InterruptedException {
        try {
            run.get((long) (60 + 20 * SECONDS), TimeUnit.SECONDS);
            return Optional.empty();
        } catch (TimeoutException e) {
            return Optional.of("does not end: " + fuzzer.current());
        } catch (ExecutionException e) {
            StringWriter trace = new StringWriter();
            e.getCause().printStackTrace(new PrintWriter(trace));
            return Optional.of(trace.toString());
        }
    }
}
