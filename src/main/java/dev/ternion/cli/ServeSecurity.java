package dev.ternion.cli;

import java.nio.file.Path;

/**
 * How a server protects itself.
 *
 * @param tokens whether a call may come with a token of the data folder
 * @param oidc settings of the issuer whose JWTs a call may come with; null: none
 * @param certificate PEM chain of the server; null: no TLS
 * @param key PEM key of the certificate; null: no TLS
 * @param clientCa PEM roots of clients' certificates, which are then required; null: none are asked for
 */
public record ServeSecurity(boolean tokens, Path oidc, Path certificate, Path key, Path clientCa) {
    /** Neither TLS nor authentication. */
    public static final ServeSecurity NONE = new ServeSecurity(false, null, null, null, null);

    /** Whether every call needs a token. */
    public boolean authenticates() {
        return tokens || oidc != null;
    }

    /** Whether the server speaks TLS. */
    public boolean tls() {
        return certificate != null;
    }
}
