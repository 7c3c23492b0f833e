package dev.ternion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher's quickstart as a user runs it: twice in a row, and with the network cut. */
class QuickstartIT {
    private static final int MINUTES = 5;

    @TempDir
    Path folder;

    @Test
    void quickstart_twiceWithTheNetworkCut_givesTheSameStudents() throws Exception {
        assumeTrue(Files.isDirectory(Path.of("target/lib")), "skipped: the build has not been packaged");
        assumeTrue(run(folder, "unshare", "-n", "true") == 0, "skipped: this user may not cut off the network");
        List<String> first = digests(quickstart("first"));
        List<String> second = digests(quickstart("second"));
        assertThat(first).hasSize(2).doesNotHaveDuplicates();
        assertThat(second).isEqualTo(first);
    }

    /** The report of a short run without any network but loopback. */
    private JsonNode quickstart(String name) throws Exception {
        String command = "ip link set lo up && bin/ternion quickstart --steps 2 -o json --data " + folder.resolve(name);
        int status = run(folder.resolve(name + ".out"), "unshare", "-n", "bash", "-c", command);
        String said = Files.readString(folder.resolve(name + ".out.err"));
        assertThat(status).as(said).isZero();
        return new ObjectMapper().readTree(folder.resolve(name + ".out").toFile());
    }

    private static List<String> digests(JsonNode report) {
        List<String> digests = new ArrayList<>();
        report.findPath("runs").forEach(run -> digests.add(run.path("digest").asText()));
        return digests;
    }

    /** Runs a command with its output in files; the exit status. */
    private static int run(Path out, String... command) throws IOException, InterruptedException {
        Path stdout = Files.isDirectory(out) ? out.resolve("probe") : out;
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(stdout.toFile())
                .redirectError(Path.of(stdout + ".err").toFile());
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            return -1;
        }
        if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            return -1;
        }
        return process.exitValue();
    }
}
