package dev.ternion.server;

import dev.ternion.auth.Authenticator;
import dev.ternion.auth.Principal;
import dev.ternion.auth.Role;
import dev.ternion.auth.Unauthenticated;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Knows the token {@code ROLE@PROJECT} of every role and project, until it is revoked. */
final class FixedTokens implements Authenticator {
    private final Set<String> revoked = ConcurrentHashMap.newKeySet();

    static String token(Role role, String project) {
        return role.text() + "@" + project;
    }

    void revoke(String token) {
        revoked.add(token);
    }

    @Override
    public Principal authenticate(String bearer) throws Unauthenticated {
        String[] parts = bearer.split("@", 2);
        if (parts.length < 2) {
            throw new Unauthenticated(Unauthenticated.Reason.TOKEN_INVALID);
        }
        if (revoked.contains(bearer)) {
            throw new Unauthenticated(Unauthenticated.Reason.TOKEN_REVOKED);
        }
        return new Principal("token:" + bearer, Role.valueOf(parts[0].toUpperCase(Locale.ROOT)), parts[1]);
    }

    @Override
    public boolean isValid(Principal principal) {
        return !revoked.contains(principal.id().substring("token:".length()));
    }
}
