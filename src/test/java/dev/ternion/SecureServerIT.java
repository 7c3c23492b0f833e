package dev.ternion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.TestCertificates.Pair;
import dev.ternion.TinyServer.Result;
import dev.ternion.auth.FakeIssuer;
import dev.ternion.cli.ServeOptions;
import dev.ternion.cli.ServeSecurity;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS and tokens from the command line to the server. */
class SecureServerIT {
    private static final Duration SEEN = Bars.within(Duration.ofSeconds(5), Duration.ofSeconds(60));

    @TempDir
    private Path folder;

    private Path data;
    private TestCertificates certificates;
    private Path ca;
    private FakeIssuer issuer;
    private LocalServer server;

    @BeforeEach
    void start() throws Exception {
        data = folder.resolve("data");
        certificates = new TestCertificates(folder.resolve("tls"));
        ca = certificates.ca();
        Pair pair = certificates.server("server", "EC");
        issuer = new FakeIssuer();
        Path oidc = Files.writeString(folder.resolve("oidc.json"), issuer.settings());
        ServeSecurity security = new ServeSecurity(true, oidc, pair.certificate(), pair.key(), ca);
        server = LocalServer.start(
                new ServeOptions(data, "127.0.0.1", 0, 1, List.of(), 10, security, Optional.empty(), false));
    }

    @AfterEach
    void stop() {
        server.close();
        issuer.close();
    }

    @Test
    void aTokenOpensTheServerUntilItIsRevoked() throws Exception {
        Pair client = certificates.client("client");
        Path file = folder.resolve("ops.token");
        Result made = TinyServer.cli(
                "tokens", "create", "--data", data.toString(), "--name", "ops", "--role", "viewer", "--to", file + "");
        assertThat(made.code()).as(made.err()).isZero();
        String[] all = {
            "--ca",
            ca + "",
            "--token-file",
            file + "",
            "--client-cert",
            client.certificate() + "",
            "--client-key",
            client.key() + ""
        };
        Awaitility.await().atMost(SEEN).until(() -> list(all).code() == 0);
        assertThat(list("--ca", ca + "", "--client-cert", all[5], "--client-key", all[7]))
                .satisfies(refused -> assertThat(refused.code()).isEqualTo(7))
                .satisfies(refused -> assertThat(refused.err()).contains("TOKEN_MISSING"));
        assertThat(list("--ca", ca + "", "--token-file", file + "").code()).isEqualTo(4);
        Result plain = list("--token-file", file + "");
        assertThat(plain.code()).as("no plain text").isEqualTo(4);
        TestCertificates others = new TestCertificates(folder.resolve("others"));
        assertThat(list("--ca", others.ca() + "", "--token-file", file + "").err())
                .contains("No server reached", "must name this host and come from --ca");
        Result denied = list(all, "jobs", "cancel", "none-such");
        assertThat(denied.code()).isEqualTo(7);
        assertThat(denied.err()).contains("PERMISSION_DENIED", "operator");

        String id = made.json().path("id").asText();
        assertThat(TinyServer.cli("tokens", "revoke", "--data", data.toString(), id)
                        .code())
                .isZero();
        Awaitility.await()
                .atMost(SEEN)
                .pollInterval(100, TimeUnit.MILLISECONDS)
                .until(() -> list(all).code() == 7);
        Result verified = TinyServer.cli("audit", "verify", "--data", data.toString());
        assertThat(verified.code()).as(verified.err()).isZero();
        assertThat(Files.readString(data.resolve("audit/audit-000001.jsonl")))
                .contains("\"tokens create\"", "\"tokens revoke\"", "JobService/CancelJob", id)
                .doesNotContain(Files.readString(file).strip());
        Path log = data.resolve("audit/audit-000001.jsonl");
        Files.writeString(log, Files.readString(log).replace("tokens create", "tokens CREATE"));
        assertThat(TinyServer.cli("audit", "verify", "--data", data.toString()))
                .satisfies(found -> assertThat(found.code()).isEqualTo(1))
                .satisfies(found -> assertThat(found.err()).contains("line 1: altered"));
        assertThat(list(all).err())
                .contains("TOKEN_REVOKED")
                .doesNotContain(Files.readString(file).strip());
    }

    @Test
    void aJwtOfTheIssuerGivesARoleForAsLongAsItIsGood() throws Exception {
        Pair client = certificates.client("client");
        Path file = folder.resolve("jwt");
        String[] all = {
            "--ca",
            ca + "",
            "--token-file",
            file + "",
            "--client-cert",
            client.certificate() + "",
            "--client-key",
            client.key() + ""
        };
        Files.writeString(file, issuer.token(Instant.now(), claims -> {}));
        Awaitility.await().atMost(SEEN).until(() -> list(all).code() == 0);
        assertThat(list(all, "jobs", "cancel", "none-such").err()).contains("PERMISSION_DENIED", "submitter");
        Files.writeString(file, issuer.token(Instant.now(), claims -> claims.claim("groups", List.of("staff"))));
        assertThat(list(all).err()).contains("PERMISSION_DENIED", "gives no role");
        Files.writeString(file, issuer.token(Instant.now().minusSeconds(7200), claims -> {}));
        assertThat(list(all).err()).contains("TOKEN_EXPIRED");
        Files.writeString(file, issuer.token(Instant.now(), claims -> claims.audience("other")));
        assertThat(list(all).err()).contains("TOKEN_INVALID");
        assertThat(Files.readString(data.resolve("audit/audit-000001.jsonl"))).contains("\"oidc:alice\"");
    }

    private Result list(String... options) {
        return list(options, "jobs", "list");
    }

    private Result list(String[] options, String... command) {
        List<String> args = new ArrayList<>(List.of(command));
        args.addAll(List.of(options));
        args.addAll(List.of("--server", "127.0.0.1:" + server.port()));
        return TinyServer.cli(args.toArray(String[]::new));
    }
}
