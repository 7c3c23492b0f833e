package dev.ternion.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script for GPU hosts, with a launcher that only plays its part. */
class CheckScriptTest {
    private record Outcome(int code, String text, double seconds) {}

    @TempDir
    private Path folder;

    private Path bundle;

    @BeforeEach
    void bundle() throws IOException {
        bundle = Files.createDirectories(folder.resolve("bundle"));
        Files.createDirectories(bundle.resolve("bin"));
    }

    /** A launcher that runs this piece of shell for every command; $1 is the command's name. */
    private void launcher(String body) throws IOException {
        Path script = bundle.resolve("bin/ternion");
        Files.writeString(script, "#!/bin/bash\n" + body + "\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private Outcome run(int budget) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                        "bash",
                        Path.of("src/gpu/check.sh").toAbsolutePath().toString(),
                        bundle.toString(),
                        folder.resolve("results").toString(),
                        folder.resolve("no-peer.py").toString())
                .redirectErrorStream(true);
        builder.environment().put("BUDGET", String.valueOf(budget));
        long start = System.nanoTime();
        Process process = builder.start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Outcome(process.waitFor(), text, (System.nanoTime() - start) * 1e-9);
    }

    private String summary(Outcome outcome) {
        return outcome.text().substring(outcome.text().indexOf("== summary"));
    }

    @Test
    void allWellIsPassed() throws Exception {
        launcher("echo \"[{ \\\"step_s\\\" : 0.25 }]\"; echo \"$1 is well\" >&2");
        Outcome outcome = run(60);
        assertThat(outcome.code()).as(outcome.text()).isZero();
        assertThat(summary(outcome))
                .contains("PASS  conformance", "conformance is well", "PASS  bench-step-2", "\"step_s\":0.25")
                .contains("SKIP  peer")
                .endsWith("verdict: passed\n");
        assertThat(folder.resolve("results/summary.txt")).exists();
    }

    @Test
    void aFailedStageIsNamedAndTheOthersRun() throws Exception {
        launcher("[[ $1 == conformance ]] && { echo 'Gelu differs' >&2; exit 1; }; exit 0");
        Outcome outcome = run(60);
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(summary(outcome))
                .contains("FAIL  conformance", "status 1; Gelu differs", "PASS  quickstart", "PASS  bench-gemm")
                .endsWith("verdict: FAILED\n");
    }

    @Test
    void theBudgetCutsWhatHangsAndTheSummaryStillComes() throws Exception {
        launcher("[[ $1 == quickstart ]] && sleep 600; exit 0");
        Outcome outcome = run(8);
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.seconds()).isLessThan(300);
        assertThat(summary(outcome))
                .contains(
                        "PASS  conformance",
                        "FAIL  quickstart",
                        "cut off after",
                        "SKIP  bench-gemm",
                        "budget of 8 s is spent")
                .endsWith("verdict: FAILED\n");
    }
}
