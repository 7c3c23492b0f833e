package dev.ternion.auth;

/** Tells who a caller is by the bearer token that it sent. Safe for many threads; does not block. */
public interface Authenticator {
    /**
     * Looks a bearer token up.
     *
     * @param bearer what the caller sent; never logged
     * @throws Unauthenticated when nobody has this token, or no longer
     */
    Principal authenticate(String bearer) throws Unauthenticated;

    /** Whether a principal that was told earlier would still be: a stream lives as long as its token. */
    boolean isValid(Principal principal);
}
