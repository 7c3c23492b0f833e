package dev.ternion.cli;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;
import java.util.Set;

/** The collector that `--traces` names. */
final class TracesOption {
    private static final Set<String> SCHEMES = Set.of("http", "https");

    /** Where OTLP has spans posted, when an address has no path. */
    private static final String PATH = "/v1/traces";

    private TracesOption() {}

    /**
     * Reads it.
     *
     * @param typed null: no traces
     * @throws CliException if it is no address of a collector
     */
    static Optional<URI> read(String typed) {
        if (typed == null) {
            return Optional.empty();
        }
        URI uri;
        try {
            uri = new URI(typed);
        } catch (URISyntaxException e) {
            throw refused();
        }
        if (uri.getScheme() == null
                || !SCHEMES.contains(uri.getScheme())
                || uri.getHost() == null
                || uri.getRawUserInfo() != null
                || uri.getRawQuery() != null
                || uri.getRawFragment() != null) {
            throw refused();
        }
        boolean bare = uri.getRawPath().isEmpty() || uri.getRawPath().equals("/");
        return Optional.of(bare ? uri.resolve(PATH) : uri);
    }

    // What was typed is not repeated: it may hold a password.
    private static CliException refused() {
        return new CliException(
                ExitCode.USAGE,
                "--traces: wanted http://HOST[:PORT][/PATH] or https://HOST[:PORT][/PATH] of a collector of OTLP over HTTP,"
                        + " without user, query and fragment");
    }
}
