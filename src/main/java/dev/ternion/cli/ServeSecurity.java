package dev.ternion.cli;

import java.nio.file.Path;

/**
 * How a server protects itself.
 *
 * @param tokens whether every call needs a token of the data folder
 * @param certificate PEM chain of the server; null: no TLS
 * @param key PEM key of the certificate; null: no TLS
 * @param clientCa PEM roots of clients' certificates, which are then required; null: none are asked for
 */
public record ServeSecurity(boolean tokens, Path certificate, Path key, Path clientCa) {
    /** Neither TLS nor authentication. */
    public static final ServeSecurity NONE = new ServeSecurity(false, null, null, null);

    /** Whether the server speaks TLS. */
    public boolean tls() {
        return certificate != null;
    }
}
