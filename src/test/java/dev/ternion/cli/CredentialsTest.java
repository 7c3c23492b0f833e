package dev.ternion.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.cli.FakeServer.NoLauncher;
import dev.ternion.cli.FakeServer.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CredentialsTest {
    private static final String SECRET = "ternion_very-secret";

    @TempDir
    private Path folder;

    @Test
    void aTokenGoesOverPlainTextToThisMachineAlone() throws IOException {
        Path file = Files.writeString(folder.resolve("token"), SECRET + "\n");
        for (String server : new String[] {"192.0.2.1:8080", "0.0.0.0.invalid:8080"}) {
            Result refused = run("jobs", "list", "--server", server, "--token-file", file.toString());
            assertThat(refused.code()).isEqualTo(ExitCode.USAGE);
            assertThat(refused.err()).contains("not sent to " + server, "--ca").doesNotContain(SECRET);
        }
        Result tried = run("jobs", "list", "--server", "127.0.0.1:1", "--token-file", file.toString());
        assertThat(tried.code()).isEqualTo(ExitCode.UNAVAILABLE);
        assertThat(tried.err()).doesNotContain(SECRET);
    }

    @Test
    void whatIsNoTokenIsNotSent() throws IOException {
        for (String bad : new String[] {"", " \n", "two words", "line\nline", "\u00e9", "x".repeat(9000)}) {
            Path file = Files.writeString(folder.resolve("token"), bad);
            Result refused = run("jobs", "list", "--server", "127.0.0.1:1", "--token-file", file.toString());
            assertThat(refused.code()).as(bad).isEqualTo(ExitCode.USAGE);
            assertThat(refused.err()).contains("holds no token");
        }
        assertThat(run("jobs", "list", "--token-file", folder.resolve("none").toString())
                        .err())
                .contains("no such file");
    }

    @Test
    void aClientCertificateNeedsItsKeyAndTls() {
        for (String[] options : new String[][] {
            {"--client-cert", "c", "--ca", "a"},
            {"--client-key", "k", "--tls"},
            {"--client-cert", "c", "--client-key", "k"}
        }) {
            String[] command = new String[options.length + 2];
            System.arraycopy(options, 0, command, 2, options.length);
            command[0] = "jobs";
            command[1] = "list";
            assertThat(run(command).code()).isEqualTo(ExitCode.USAGE);
        }
    }

    @Test
    void noSecretInText() {
        assertThat(new Credentials(false, null, null, null, SECRET).toString()).doesNotContain(SECRET);
    }

    private static Result run(String... args) {
        return FakeServer.run(new NoLauncher(), Terminal.NONE, args);
    }
}
