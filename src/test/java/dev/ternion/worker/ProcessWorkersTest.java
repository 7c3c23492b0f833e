package dev.ternion.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessWorkersTest {
    /** Set by shells themselves. */
    private static final Set<String> OF_SHELLS = Set.of("PWD", "OLDPWD", "SHLVL", "_", "PATH");

    @TempDir
    Path folder;

    @Test
    void aWorkerDoesNotGetTheServersSecrets() throws Exception {
        String secret = System.getenv().keySet().stream()
                .filter(name -> !OF_SHELLS.contains(name))
                .findFirst()
                .orElseThrow();
        assertThat(environment(Set.of())).contains(secret).contains("PATH");
        assertThat(environment(Set.of(secret))).doesNotContain(secret).contains("PATH");
    }

    private List<String> environment(Set<String> secrets) throws Exception {
        Path file = folder.resolve("environment");
        CountDownLatch ended = new CountDownLatch(1);
        try (ProcessWorkers workers =
                new ProcessWorkers(List.of("/bin/sh", "-c", "read line; env > " + file), secrets)) {
            workers.start("job-a", 1, ended::countDown);
            assertThat(ended.await(30, TimeUnit.SECONDS)).isTrue();
        }
        return Files.readAllLines(file).stream()
                .map(line -> line.replaceFirst("=.*", ""))
                .toList();
    }

    /** Workers that say which process has which job. */
    private ProcessWorkers telling() {
        return new ProcessWorkers(
                List.of("/bin/sh", "-c", "read line && echo \"$line $$\" >> " + folder.resolve("told")), Set.of());
    }

    private static void run(ProcessWorkers workers, String job, int attempt) throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        workers.start(job, attempt, ended::countDown);
        assertThat(ended.await(30, TimeUnit.SECONDS)).isTrue();
    }

    private List<String> told() throws Exception {
        return Files.readAllLines(folder.resolve("told")).stream()
                .map(line -> line.replaceFirst(" [0-9]+$", ""))
                .toList();
    }

    @Test
    void eachHasTheJobThatItIsGiven() throws Exception {
        try (ProcessWorkers workers = telling()) {
            run(workers, "job-a", 1);
            run(workers, "job-b", 12);
            run(workers, "job-a", 2);
        }
        assertThat(told()).containsExactly("job-a 1", "job-b 12", "job-a 2");
    }

    @Test
    void theOneThatWaitsIsStartedBeforeTheLastOneCountsAsGone() throws Exception {
        try (ProcessWorkers workers = telling()) {
            run(workers, "job-a", 1);
            List<ProcessHandle> waiting = ProcessHandle.current().children().toList();
            assertThat(waiting).hasSize(1);
            CountDownLatch ended = new CountDownLatch(1);
            workers.start("job-b", 1, ended::countDown);
            assertThat(ended.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(Files.readAllLines(folder.resolve("told")).get(1))
                    .isEqualTo("job-b 1 " + waiting.get(0).pid());
        }
    }

    @Test
    void aClosedOneLeavesNoneThatWaits() throws Exception {
        ProcessWorkers workers = telling();
        run(workers, "job-a", 1);
        ProcessHandle waiting = ProcessHandle.current().children().findFirst().orElseThrow();
        workers.close();
        assertThat(waiting.isAlive()).isFalse();
        run(workers, "job-b", 1);
        assertThat(ProcessHandle.current().children()).isEmpty();
        assertThat(told()).containsExactly("job-a 1", "job-b 1");
    }

    @Test
    void oneThatHasEndedWhileItWaitedIsReplaced() throws Exception {
        try (ProcessWorkers workers = telling()) {
            run(workers, "job-a", 1);
            ProcessHandle waiting =
                    ProcessHandle.current().children().findFirst().orElseThrow();
            waiting.destroyForcibly();
            waiting.onExit().get(30, TimeUnit.SECONDS);
            run(workers, "job-b", 1);
        }
        assertThat(told()).containsExactly("job-a 1", "job-b 1");
    }
}
