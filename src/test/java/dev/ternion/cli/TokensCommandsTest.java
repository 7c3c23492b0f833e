package dev.ternion.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ternion.cli.FakeServer.NoLauncher;
import dev.ternion.cli.FakeServer.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokensCommandsTest {
    private static final Terminal PERSON = new Terminal(true, true, 100);

    @TempDir
    private Path folder;

    @Test
    void aScriptGetsTheSecretInJsonAlone() throws IOException {
        Result result = run(Terminal.NONE, "tokens", "create", "--name", "ci", "--role", "submitter");
        assertThat(result.code()).isZero();
        assertThat(new ObjectMapper().readTree(result.out()).path("secret").asText())
                .isEqualTo(FakeAccess.SECRET);
        assertThat(result.err()).contains("tok-000000000001, submitter").doesNotContain(FakeAccess.SECRET);
    }

    @Test
    void aPersonSeesTheSecretOnce() {
        Result result = run(PERSON, "tokens", "create", "--name", "ci", "--role", "submitter");
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).containsOnlyOnce(FakeAccess.SECRET);
    }

    @Test
    void aFileGetsTheSecretAndNobodyElse() throws IOException {
        Path file = folder.resolve("ci.token");
        String[] command = {"tokens", "create", "--name", "ci", "--role", "submitter", "--to", file.toString()};
        Result result = run(Terminal.NONE, command);
        assertThat(result.out() + result.err()).doesNotContain(FakeAccess.SECRET);
        assertThat(SecretFile.read(file)).isEqualTo(FakeAccess.SECRET);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(run(Terminal.NONE, command).code()).isEqualTo(ExitCode.USAGE);
    }

    @Test
    void wrongRolesAreUseAndUnknownTokensNotFound() {
        Result role = run(Terminal.NONE, "tokens", "create", "--name", "ci", "--role", "root");
        assertThat(role.code()).isEqualTo(ExitCode.USAGE);
        assertThat(role.err()).contains("--role is \"root\"");
        assertThat(run(Terminal.NONE, "tokens", "revoke", "tok-9").code()).isEqualTo(ExitCode.NOT_FOUND);
        assertThat(run(Terminal.NONE, "tokens", "revoke", "tok-000000000001").code())
                .isZero();
    }

    @Test
    void theListShowsStatesAndNoSecret() throws IOException {
        Result result = run(Terminal.NONE, "tokens", "list");
        assertThat(new ObjectMapper()
                        .readTree(result.out())
                        .at("/tokens/0/state")
                        .asText())
                .isEqualTo("good");
        assertThat(result.err()).contains("tok-000000000001", "submitter");
        assertThat(result.out() + result.err()).doesNotContain("secret");
    }

    @Test
    void auditVerifyTellsFindingsAndFails() {
        Result good = run(Terminal.NONE, "audit", "verify");
        assertThat(good.code()).isZero();
        assertThat(good.err()).contains("3 lines, all good; the last is 3:ab");
        String hash = "0f".repeat(32);
        Result bad = run(Terminal.NONE, "audit", "verify", "--expect", "2:" + hash);
        assertThat(bad.code()).isEqualTo(ExitCode.JOB_FAILED);
        assertThat(bad.err()).contains("line 2: altered, hash " + hash, "not whole");
        assertThat(run(Terminal.NONE, "audit", "verify", "--expect", "2:ab").code())
                .isEqualTo(ExitCode.USAGE);
    }

    private static Result run(Terminal terminal, String... args) {
        return FakeServer.run(new NoLauncher(), terminal, args);
    }
}
