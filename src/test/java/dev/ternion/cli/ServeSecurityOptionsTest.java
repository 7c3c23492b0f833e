package dev.ternion.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

class ServeSecurityOptionsTest {
    private static final String CERT = " --tls-cert=c.pem --tls-key=k.pem";

    @ParameterizedTest
    @CsvSource({
        "'', without TLS and authentication",
        "--auth=tokens, without TLS: whoever is on the way",
        "'--tls-cert=c.pem --tls-key=k.pem', without authentication",
        "'--tls-cert=c.pem --tls-key=k.pem --tls-client-ca=a.pem', without authentication"
    })
    void whatOthersReachNeedsBothTlsAndAuthentication(String options, String missing) {
        assertThatExceptionOfType(CliException.class)
                .isThrownBy(() -> parse(options).read("0.0.0.0"))
                .withMessageContaining(missing)
                .withMessageContaining("--insecure");
        parse(options).read("127.0.0.1");
        ServeSecurityOptions insecure = parse(options + " --insecure");
        assertThat(insecure.warning(insecure.read("0.0.0.0"), "h:1")).contains("INSECURE at h:1", missing);
    }

    @Test
    void withBothItListensAnywhereAndThereIsNothingToWarnOf() {
        ServeSecurityOptions options = parse("--auth=tokens" + CERT);
        ServeSecurity security = options.read("0.0.0.0");
        assertThat(security).isEqualTo(new ServeSecurity(true, null, Path.of("c.pem"), Path.of("k.pem"), null));
        assertThat(options.warning(security, "h:1")).isEmpty();
        ServeSecurityOptions careful = parse("--insecure --auth=tokens" + CERT);
        assertThat(careful.warning(careful.read("0.0.0.0"), "h:1")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "--tls-cert=c.pem",
        "--tls-key=k.pem",
        "--tls-client-ca=a.pem",
        "--auth=token",
        "--auth=",
        "--tls-cert=c.pem --tls-client-ca=a.pem"
    })
    void halvesAreRefusedAlsoOnLoopback(String options) {
        assertThatExceptionOfType(CliException.class)
                .isThrownBy(() -> parse(options).read("127.0.0.1"));
        assertThatExceptionOfType(CliException.class)
                .isThrownBy(() -> parse(options + " --insecure").read("127.0.0.1"));
    }

    private static ServeSecurityOptions parse(String options) {
        Holder holder = new Holder();
        new CommandLine(holder)
                .parseArgs(options.isBlank() ? new String[0] : options.strip().split(" "));
        return holder.options;
    }

    @Command
    private static final class Holder {
        @Mixin
        private final ServeSecurityOptions options = new ServeSecurityOptions();
    }
}
