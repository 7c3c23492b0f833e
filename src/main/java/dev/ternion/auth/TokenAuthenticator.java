package dev.ternion.auth;

import dev.ternion.auth.Unauthenticated.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Callers by the tokens of a data folder. Looks in memory, by the hash of what was sent: how long that takes tells of the hash alone, from
 * which no token follows. {@link #refresh} reads the file again when it has changed; a file that cannot be read means that no token is good.
 */
public final class TokenAuthenticator implements Authenticator {
    /** How often {@link #refresh} is to be called, so that a revocation is seen well within 5 s. */
    public static final Duration REFRESH = Duration.ofSeconds(1);

    private static final Logger LOG = LoggerFactory.getLogger(TokenAuthenticator.class);
    private static final String NO_FILE = "none";
    private static final String UNREADABLE = "unreadable";

    private final TokenFile file;
    private final Clock clock;
    private volatile Map<String, Token> byHash = Map.of();
    private volatile Map<String, Token> byPrincipal = Map.of();
    private String seen;

    /**
     * Reads the file a first time; there may be none yet.
     *
     * @throws IOException if it is damaged
     */
    public TokenAuthenticator(TokenFile file, Clock clock) throws IOException {
        this.file = file;
        this.clock = clock;
        take(state(file.path()));
    }

    @Override
    public Principal authenticate(String bearer) throws Unauthenticated {
        if (!TokenSecret.isOne(bearer)) {
            throw new Unauthenticated(Reason.TOKEN_INVALID);
        }
        String hash = TokenSecret.sha256(bearer);
        Token token = byHash.get(hash);
        if (token == null || !isEqual(token.sha256(), hash)) {
            throw new Unauthenticated(Reason.TOKEN_INVALID);
        }
        if (token.revoked() != null) {
            throw new Unauthenticated(Reason.TOKEN_REVOKED);
        }
        if (!clock.instant().isBefore(token.expires())) {
            throw new Unauthenticated(Reason.TOKEN_EXPIRED);
        }
        return token.principal();
    }

    @Override
    public boolean isValid(Principal principal) {
        Token token = byPrincipal.get(principal.id());
        return token != null
                && token.revoked() == null
                && clock.instant().isBefore(token.expires())
                && token.principal().equals(principal);
    }

    /** Reads the file again if it has changed. */
    public synchronized void refresh() {
        try {
            String now = state(file.path());
            if (!now.equals(seen)) {
                take(now);
            }
        } catch (IOException e) {
            byHash = Map.of();
            byPrincipal = Map.of();
            if (!seen.equals(UNREADABLE)) {
                LOG.error("no token is accepted until {} can be read: {}", file.path(), e.toString());
            }
            seen = UNREADABLE;
        }
    }

    private void take(String state) throws IOException {
        Map<String, Token> hashes = new HashMap<>();
        Map<String, Token> principals = new HashMap<>();
        for (Token token : file.list()) {
            hashes.put(token.sha256(), token);
            principals.put(token.principal().id(), token);
        }
        byHash = Map.copyOf(hashes);
        byPrincipal = Map.copyOf(principals);
        seen = state;
    }

    /** What changes with every change of the file, which is always a new one under the old name. */
    private static String state(Path path) throws IOException {
        if (!Files.exists(path)) {
            return NO_FILE;
        }
        BasicFileAttributes of = Files.readAttributes(path, BasicFileAttributes.class);
        return of.fileKey() + " " + of.lastModifiedTime() + " " + of.size();
    }

    private static boolean isEqual(String one, String other) {
        return MessageDigest.isEqual(
                one.getBytes(StandardCharsets.US_ASCII), other.getBytes(StandardCharsets.US_ASCII));
    }
}
