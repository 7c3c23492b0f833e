package dev.ternion.auth;

/** Callers by tokens of this server, whose form tells them apart, and by an issuer's JWTs. */
public final class EitherAuthenticator implements Authenticator {
    private final Authenticator tokens;
    private final OidcAuthenticator oidc;

    /** One of the two for each caller. */
    public EitherAuthenticator(TokenAuthenticator tokens, OidcAuthenticator oidc) {
        this.tokens = tokens;
        this.oidc = oidc;
    }

    @Override
    public Principal authenticate(String bearer) throws Unauthenticated {
        return (TokenSecret.isOne(bearer) ? tokens : oidc).authenticate(bearer);
    }

    @Override
    public boolean isValid(Principal principal) {
        return (OidcAuthenticator.isOne(principal) ? oidc : tokens).isValid(principal);
    }
}
