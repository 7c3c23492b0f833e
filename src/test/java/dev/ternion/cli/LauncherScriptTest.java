package dev.ternion.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher script in a bundle, with a java that only tells how it was called. */
class LauncherScriptTest {
    /** What the script did. */
    private record Outcome(int code, String text) {}

    @TempDir
    private Path folder;

    @BeforeEach
    void bundle() throws IOException {
        Files.createDirectories(folder.resolve("bundle/bin"));
        Files.createDirectory(folder.resolve("bundle/lib"));
        Files.copy(Path.of("bin/ternion"), folder.resolve("bundle/bin/ternion"));
        executable(folder.resolve("bundle/bin/ternion"));
        Files.createSymbolicLink(folder.resolve("ternion"), Path.of("bundle/bin/ternion"));
    }

    @Test
    void aClientStartsFastAndItsHomeIsFoundThroughALink() throws Exception {
        Outcome outcome = run(jdk("17.0.9"), "jobs", "list");

        assertThat(outcome.code).as(outcome.text).isZero();
        assertThat(outcome.text)
                .contains("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dorg.bytedeco.javacpp.maxbytes=0")
                .contains("-Dternion.home=" + folder.toRealPath().resolve("bundle"))
                .contains("/bundle/lib/* dev.ternion.Main jobs list")
                .doesNotContain("--enable-native-access", "-Dternion.tty");
    }

    @Test
    void aServerMayUseAllOfTheJvm() throws Exception {
        assertThat(run(jdk("17"), "--server", "a:1", "serve").text).doesNotContain("TieredStopAtLevel");
    }

    @Test
    void newJdksNeedAFlag() throws Exception {
        assertThat(run(jdk("25.0.1+8"), "doctor").text).contains("--enable-native-access=ALL-UNNAMED");
    }

    @Test
    void aBundleUsesItsOwnJava() throws Exception {
        Path own = jdk("17.0.15");
        Files.move(own, folder.resolve("bundle/runtime"));
        assertThat(run(folder.resolve("nothing"), "doctor").code).isZero();
    }

    @Test
    void oldJavaIsRefused() throws Exception {
        Outcome outcome = run(jdk("11.0.2"), "doctor");

        assertThat(outcome.code).isEqualTo(2);
        assertThat(outcome.text).contains("is Java 11.0.2; wanted 17 or newer");
        assertThat(run(jdk("1.8.0_402"), "doctor").text).contains("is Java 1.8.0_402; wanted 17 or newer");
    }

    @Test
    void noJavaIsToldPlainly() throws Exception {
        assertThat(run(folder.resolve("nothing"), "doctor").text).contains("there is no bin/java in it");
    }

    private Path jdk(String version) throws IOException {
        Path home = folder.resolve("jdk-" + version);
        Files.createDirectories(home.resolve("bin"));
        Files.writeString(
                home.resolve("bin/java"),
                "#!/bin/sh\nif [ \"$1\" = -version ]; then echo 'openjdk version \"" + version
                        + "\"' >&2; else echo \"$@\"; fi\n");
        executable(home.resolve("bin/java"));
        return home;
    }

    private Outcome run(Path javaHome, String... args) throws IOException, InterruptedException {
        String[] command = new String[args.length + 1];
        command[0] = folder.resolve("ternion").toString();
        System.arraycopy(args, 0, command, 1, args.length);
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().putAll(Map.of("PATH", "/usr/bin:/bin", "JAVA_HOME", javaHome.toString()));
        Process process = builder.start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Outcome(process.waitFor(), text);
    }

    private static void executable(Path file) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
