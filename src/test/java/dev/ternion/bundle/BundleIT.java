package dev.ternion.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The archive of {@code -Pbundle}, unpacked elsewhere and run with an empty environment: no Java, no Maven, no home, a path
 * that holds only the system's own tools. Skipped where the archive has not been built.
 */
@Timeout(300)
class BundleIT {
    private static final double MAX_MIB = 45;

    @TempDir
    static Path folder;

    private static Path archive;
    private static Path home;

    private record Result(int code, String out, String err) {}

    @BeforeAll
    static void unpack() throws Exception {
        Path target = Path.of("target").toAbsolutePath();
        try (var files = Files.newDirectoryStream(target, "ternion-*-linux-x86_64.tar.xz")) {
            for (Path file : files) {
                archive = file;
            }
        }
        assumeTrue(archive != null, "skipped: no bundle; build one with ./mvnw -Pbundle package");
        Result unpacked = run("tar", "-xf", archive.toString(), "-C", folder.toString());
        assertThat(unpacked.code()).as(unpacked.err()).isZero();
        home = folder.resolve(archive.getFileName().toString().replace(".tar.xz", ""));
    }

    private static Result ternion(String... arguments) throws Exception {
        List<String> command =
                new ArrayList<>(List.of("env", "-i", home.resolve("bin/ternion").toString()));
        command.addAll(List.of(arguments));
        return run(command.toArray(String[]::new));
    }

    private static Result run(String... command) throws IOException, InterruptedException {
        Path out = Files.createTempFile(folder, "run", ".out"), err = Files.createTempFile(folder, "run", ".err");
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        assertThat(process.waitFor(4, TimeUnit.MINUTES)).as("ended in time").isTrue();
        return new Result(
                process.exitValue(),
                Files.readString(out, StandardCharsets.UTF_8),
                Files.readString(err, StandardCharsets.UTF_8));
    }

    @Test
    void isSmallEnoughToCarry() throws Exception {
        assertThat(Files.size(archive) / 1048576.0).isLessThanOrEqualTo(MAX_MIB);
    }

    @Test
    void doctorFindsItsOwnJavaAndEngine() throws Exception {
        Result doctor = ternion("doctor", "--data", folder.resolve("data").toString());
        assertThat(doctor.code()).as(doctor.err()).isZero();
        assertThat(doctor.err()).contains("OK    Java:", "OK    native library: cpu");
    }

    @Test
    void itsJavaHasWhatServesMetrics() throws Exception {
        Result modules = run(home.resolve("runtime/bin/java").toString(), "--list-modules");
        assertThat(modules.out()).contains("jdk.httpserver@", "java.management@", "jdk.management@");
    }

    @Test
    void devicesListTheCpuAndTellAboutCuda() throws Exception {
        Result devices = ternion("devices");
        assertThat(devices.code()).as(devices.err()).isZero();
        JsonNode list = new ObjectMapper().readTree(devices.out()).path("devices");
        assertThat(list.path(0).path("name").asText()).isEqualTo("cpu");
        assertThat(list.path(1).path("name").asText()).startsWith("cuda");
    }

    @Test
    void quickstartTrainsAStudentWithoutAnythingElse() throws Exception {
        Result quickstart =
                ternion("quickstart", "--data", folder.resolve("quickstart").toString(), "-o", "json");
        assertThat(quickstart.code()).as(quickstart.err()).isZero();
        assertThat(quickstart.err()).contains("No pretrained encoder here", "ti-g - control: accuracy");
        JsonNode report = new ObjectMapper().readTree(quickstart.out());
        JsonNode runs = report.findPath("runs");
        assertThat(runs).hasSize(2);
        String teacher = quickstart
                .err()
                .lines()
                .filter(line -> line.startsWith("teacher  "))
                .findFirst()
                .orElseThrow();
        assertThat(Double.parseDouble(teacher.trim().split("\\s+")[1]))
                .as(teacher)
                .isGreaterThan(0.85);
    }
}
