package dev.ternion.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A process whose disk dies at one of its calls, or that dies there itself: what it had acknowledged is in the database afterwards,
 * and of what was under way all or nothing. Every 25th call in turn; with the profile long every one.
 */
class FailingStoreIT {
    private static final int EVERY = Integer.getInteger("ternion.every", 25);

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everyCallInTurn(boolean dies) throws Exception {
        List<List<String>> after = contentsAfterEachStep();
        Path fresh = folder.resolve("fresh");
        JobDatabase.inFolder(fresh, e -> {}).close();
        for (int calls = dies ? 1 : 0; ; calls += EVERY) {
            Path data = copy(fresh, folder.resolve((dies ? "dies-" : "fails-") + calls));
            List<String> said = run(data, calls, dies);
            int done = (int) said.stream().filter("done"::equals).count();
            try (JobDatabase jobs = JobDatabase.inFolder(data, e -> {})) {
                List<List<String>> allowed = after.subList(done, Math.min(done + 2, after.size()));
                assertThat(allowed)
                        .as("after %d calls, %d steps acknowledged", calls, done)
                        .contains(StoreSteps.contents(jobs));
            }
            if (said.contains("closed")) {
                assertThat(calls).as("calls that were made to fail").isGreaterThan(3 * StoreSteps.STEPS.size());
                return;
            }
        }
    }

    private List<List<String>> contentsAfterEachStep() throws IOException {
        List<List<String>> after = new ArrayList<>();
        try (JobDatabase jobs = JobDatabase.inFolder(folder.resolve("whole"), e -> {})) {
            var all = StoreSteps.jobs(jobs);
            after.add(StoreSteps.contents(jobs));
            StoreSteps.STEPS.forEach(step -> {
                step.accept(all);
                after.add(StoreSteps.contents(jobs));
            });
        }
        return after;
    }

    private static Path copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
        return to;
    }

    private static List<String> run(Path data, int calls, boolean dies) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xshare:auto",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                StoreSteps.class.getName(),
                data.toString());
        builder.redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment()
                .put(
                        "LD_PRELOAD",
                        Path.of("target/native/libfailing_disk.so")
                                .toAbsolutePath()
                                .toString());
        builder.environment().put("TERNION_DISK", data.toString());
        builder.environment().put("TERNION_CALLS", String.valueOf(calls));
        if (dies) {
            builder.environment().put("TERNION_DIES", "1");
        }
        Process process = builder.start();
        List<String> said = process.inputReader().lines().toList();
        process.waitFor();
        return said;
    }
}
