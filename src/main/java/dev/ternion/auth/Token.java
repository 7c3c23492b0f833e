package dev.ternion.auth;

import java.time.Instant;

/**
 * What is kept of a token: never the token itself.
 *
 * @param id names it in lists, logs and revocations
 * @param name who or what uses it, for people
 * @param role what its holder may do
 * @param project where
 * @param sha256 of the token, lower-case hex
 * @param created when it was made
 * @param expires from then on it is refused
 * @param revoked from then on it is refused; null while it is good
 */
public record Token(
        String id,
        String name,
        Role role,
        String project,
        String sha256,
        Instant created,
        Instant expires,
        Instant revoked) {
    /** The same, revoked. */
    Token revokedAt(Instant when) {
        return new Token(id, name, role, project, sha256, created, expires, when);
    }

    /** Its holder, in logs and limits. */
    Principal principal() {
        return new Principal("token:" + id, role, project);
    }
}
