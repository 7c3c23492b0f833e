package dev.ternion.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A disk that fails at each of the calls by which jobs are stored, a process that dies at each of them, and a machine whose power goes
 * there: what was acknowledged is in the database afterwards, and of what was under way all or nothing. Disks that stay dead, torn writes
 * and writes out of order are tried at every 8th call; with the profile long at every one.
 */
class FailingStoreIT {
    private static final int EVERY = Integer.getInteger("ternion.every", 8);
    private static final int LEAST_CALLS = 3 * StoreSteps.STEPS.size();

    @TempDir
    Path folder;

    private Path fresh;
    private Path control;

    @BeforeEach
    void make() throws IOException {
        fresh = folder.resolve("fresh");
        control = folder.resolve("control");
        JobDatabase.inFolder(fresh, e -> {}).close();
    }

    /** Alone, and with all after it. */
    @Test
    void eachCallFails() throws Exception {
        Path data = Files.createDirectories(folder.resolve("data"));
        List<String> said = run(FailingSteps.class, List.of(fresh, data, control, EVERY), Map.of("TERNION_DISK", data));
        assertThat(said).hasSize(1);
        assertThat(Integer.parseInt(said.get(0))).isGreaterThan(LEAST_CALLS);
    }

    /** The calls are written down once; then the files are made as they are after each of them. */
    @Test
    void theProcessDiesOrThePowerGoesAtEachCall() throws Exception {
        Path data = FailingSteps.copy(fresh, folder.resolve("data"));
        Path journal = folder.resolve("journal");
        List<String> said =
                run(StoreSteps.class, List.of(data, control), Map.of("TERNION_DISK", data, "TERNION_JOURNAL", journal));
        assertThat(said).hasSize(StoreSteps.STEPS.size() + 1).endsWith("closed");
        List<Integer> acknowledged =
                said.subList(0, said.size() - 1).stream().map(Integer::valueOf).toList();
        List<DiskJournal.Call> calls = DiskJournal.read(journal, data);
        assertThat(calls).hasSizeGreaterThan(LEAST_CALLS);
        Left left = new Left(FailingSteps.contentsAfterEachStep(fresh, folder.resolve("whole")));
        ReplayedDisk disk = new ReplayedDisk(fresh);
        Random random = new Random(4);
        for (int made = 0; made <= calls.size(); made++) {
            int count = made;
            int done = (int) acknowledged.stream().filter(at -> at <= count).count();
            String where = "after call " + made + ", " + done + " steps acknowledged";
            left.check(where, done, disk.left());
            left.check(where + ", without power", done, disk.certain());
            if (made == calls.size()) {
                break;
            }
            DiskJournal.Call next = calls.get(made);
            if (made % EVERY == 0) {
                left.check(where + ", without power, some written", done, disk.anyOf(random));
            }
            if (made % EVERY == 0 && next.kind().equals("write")) {
                left.check(where + ", within the next", done, disk.torn(next));
            }
            disk.make(next);
        }
    }

    /** Some of the calls of the test before, by real deaths. */
    @ParameterizedTest
    @ValueSource(ints = {60, 150, 300})
    void aProcessThatDies(int call) throws Exception {
        Path data = FailingSteps.copy(fresh, folder.resolve("data"));
        new DiskControl(control).failing(call, Long.MAX_VALUE);
        List<String> said =
                run(StoreSteps.class, List.of(data, control), Map.of("TERNION_DISK", data, "TERNION_DIES", "1"));
        assertThat(said).doesNotContain("closed");
        new Left(FailingSteps.contentsAfterEachStep(fresh, folder.resolve("whole")))
                .check("dead at call " + call, said.size(), new ReplayedDisk(data).left());
    }

    /** Opens what is left, and compares it with what it may be. */
    private final class Left {
        private final List<List<String>> after;
        private final Map<String, List<String>> known = new HashMap<>();

        private Left(List<List<String>> after) {
            this.after = after;
        }

        private void check(String where, int done, Map<String, byte[]> files) throws Exception {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            files.forEach((name, bytes) -> {
                digest.update((name + " " + bytes.length + "\n").getBytes());
                digest.update(bytes);
            });
            String key = HexFormat.of().formatHex(digest.digest());
            List<String> contents = known.get(key);
            if (contents == null) {
                contents = contents(files);
                known.put(key, contents);
            }
            assertThat(after.subList(done, Math.min(done + 2, after.size())))
                    .as(where)
                    .contains(contents);
        }

        private List<String> contents(Map<String, byte[]> files) throws IOException {
            Path data = Files.createDirectories(folder.resolve("left-" + known.size()));
            for (var file : files.entrySet()) {
                Files.write(data.resolve(file.getKey()), file.getValue());
            }
            try (JobDatabase jobs = JobDatabase.inFolder(data, e -> {})) {
                return StoreSteps.contents(jobs);
            }
        }
    }

    /** What a process with a failing disk has said. */
    private List<String> run(Class<?> main, List<?> arguments, Map<String, Object> environment) throws Exception {
        new DiskControl(control);
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName());
        arguments.forEach(argument -> builder.command().add(argument.toString()));
        environment.forEach((name, value) -> builder.environment().put(name, value.toString()));
        Path library = Path.of("target/native/libfailing_disk.so").toAbsolutePath();
        assertThat(library).exists();
        builder.environment().put("LD_PRELOAD", library.toString());
        builder.environment().put("TERNION_DISK_CONTROL", control.toString());
        builder.redirectError(ProcessBuilder.Redirect.INHERIT);
        Process process = builder.start();
        List<String> said = process.inputReader().lines().toList();
        assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        return said;
    }
}
