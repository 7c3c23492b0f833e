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
        new ProcessWorkers(List.of("/bin/sh", "-c", "env > " + file), secrets).start("job-a", 1, ended::countDown);
        assertThat(ended.await(30, TimeUnit.SECONDS)).isTrue();
        return Files.readAllLines(file).stream()
                .map(line -> line.replaceFirst("=.*", ""))
                .toList();
    }
}
