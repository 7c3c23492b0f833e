package dev.ternion.cli;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The options of `serve` that say who reaches the server and how it knows them. */
final class ServeSecurityOptions {
    private static final String TOKENS = "tokens";

    @Option(
            names = "--tls-cert",
            paramLabel = "FILE",
            description =
                    "Certificate chain in PEM: the server speaks TLS 1.3 and nothing else. Read again when it changes.")
    private Path certificate;

    @Option(
            names = "--tls-key",
            paramLabel = "FILE",
            description = "Its key, PEM, PKCS #8. Read again when it changes.")
    private Path key;

    @Option(
            names = "--tls-client-ca",
            paramLabel = "FILE",
            description = "Roots in PEM: clients must show a certificate that these have signed.")
    private Path clientCa;

    @Option(
            names = "--auth",
            paramLabel = TOKENS,
            description =
                    "tokens: every call needs a token of the data folder (`tokens create`). Default: no authentication.")
    private String auth;

    @Option(
            names = "--oidc",
            paramLabel = "FILE",
            description =
                    "Every call needs a JWT of the issuer that this JSON file names, or with --auth a token of the data folder. See SECURITY.md.")
    private Path oidc;

    @Option(
            names = "--insecure",
            description =
                    "Lets --host be an address that other machines reach without TLS or without --auth or --oidc.")
    private boolean insecure;

    /** What was asked for; throws a {@link CliException} when it does not fit together, or with the host. */
    ServeSecurity read(String host) {
        if (certificate == null != (key == null) || certificate == null && clientCa != null) {
            throw new CliException(
                    ExitCode.USAGE, "--tls-cert and --tls-key go together, and --tls-client-ca with them");
        }
        if (auth != null && !auth.equals(TOKENS)) {
            throw new CliException(ExitCode.USAGE, "--auth is \"" + auth + "\", wanted " + TOKENS);
        }
        ServeSecurity security = new ServeSecurity(auth != null, oidc, certificate, key, clientCa);
        if (!isLoopback(host) && !insecure && !(security.tls() && security.authenticates())) {
            throw new CliException(
                    ExitCode.USAGE,
                    "--host " + host + " lets other machines reach a server " + missing(security)
                            + ". Use 127.0.0.1 and a tunnel, or --tls-cert, --tls-key and --auth " + TOKENS
                            + ", or add --insecure");
        }
        return security;
    }

    /** What a person must be told when the server runs; empty when nothing. */
    String warning(ServeSecurity security, String address) {
        return !insecure || security.tls() && security.authenticates()
                ? ""
                : "INSECURE at " + address + ": a server " + missing(security) + ".";
    }

    private static String missing(ServeSecurity security) {
        if (!security.authenticates()) {
            return (security.tls() ? "without authentication" : "without TLS and authentication")
                    + ": whoever does may read, train and delete everything";
        }
        return "without TLS: whoever is on the way sees tokens and data";
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            throw new CliException(ExitCode.USAGE, "--host " + host + " is no address of this machine");
        }
    }
}
