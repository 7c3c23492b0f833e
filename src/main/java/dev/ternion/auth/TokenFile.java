package dev.ternion.auth;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/**
 * The tokens of a data folder, in {@code tokens.json}: hashes, roles, times. A change is on disk, whole, when it returns; processes that
 * change it at once wait for each other. A server that runs on the folder sees a change within {@link TokenAuthenticator#REFRESH}.
 */
public final class TokenFile {
    /** Longest life of a token. */
    public static final Duration LONGEST = Duration.ofDays(366);

    /** Tokens that are kept at most. */
    static final int MOST = 10_000;

    /** Expired tokens are listed so long, then forgotten. */
    static final Duration KEPT = Duration.ofDays(90);

    private static final int ID_BYTES = 6;
    private static final Object IN_THIS_PROCESS = new Object();

    private final Path folder;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();

    /** @param folder data folder; made with the first token */
    public TokenFile(Path folder, Clock clock) {
        this.folder = folder;
        this.clock = clock;
    }

    /** The file; need not be there. */
    Path path() {
        return folder.resolve("tokens.json");
    }

    /**
     * Makes a token.
     *
     * @param name who or what will use it, for people
     * @param project where it may be used
     * @param life how long it is good, above 0, at most {@link #LONGEST}
     * @throws IOException also when there are too many
     */
    public NewToken create(String name, Role role, String project, Duration life) throws IOException {
        if (life.isNegative() || life.isZero() || life.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("life " + life + ", wanted above 0, at most " + LONGEST);
        }
        String secret = TokenSecret.next(random);
        Instant now = clock.instant();
        byte[] id = new byte[ID_BYTES];
        random.nextBytes(id);
        Token token = new Token(
                "tok-" + HexFormat.of().formatHex(id),
                name,
                role,
                project,
                TokenSecret.sha256(secret),
                now,
                now.plus(life),
                null);
        change(tokens -> {
            tokens.removeIf(old -> old.expires().plus(KEPT).isBefore(now));
            if (tokens.size() >= MOST) {
                throw new IOException(path() + " holds " + MOST + " tokens, as many as it may");
            }
            tokens.add(token);
        });
        return new NewToken(token, secret);
    }

    /** SHA-256, lower-case hex, of a file that holds this token alone. */
    public static String digest(Token token) throws IOException {
        return TokenSecret.sha256(new String(TokenJson.write(List.of(token)), StandardCharsets.UTF_8));
    }

    /** All tokens, oldest first. */
    public List<Token> list() throws IOException {
        if (!Files.exists(path())) {
            return List.of();
        }
        try {
            return TokenJson.read(Files.readAllBytes(path()));
        } catch (com.fasterxml.jackson.core.JacksonException e) {
            throw new IOException(path() + " is no file of tokens: " + e.getOriginalMessage(), e);
        }
    }

    /**
     * Revokes a token, from now on and for good. Doing it again changes nothing.
     *
     * @return whether there is a token with this id
     */
    public boolean revoke(String id) throws IOException {
        boolean[] found = {false};
        change(tokens -> tokens.replaceAll(token -> {
            if (!token.id().equals(id)) {
                return token;
            }
            found[0] = true;
            return token.revoked() == null ? token.revokedAt(clock.instant()) : token;
        }));
        return found[0];
    }

    /** A change of the list. */
    private interface Change {
        void to(List<Token> tokens) throws IOException;
    }

    private void change(Change change) throws IOException {
        Files.createDirectories(folder);
        synchronized (IN_THIS_PROCESS) {
            // Closing the file gives its lock back.
            try (FileChannel lock = FileChannel.open(
                    folder.resolve("tokens.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                lock.lock();
                List<Token> tokens = new ArrayList<>(list());
                change.to(tokens);
                replace(TokenJson.write(tokens));
            }
        }
    }

    /** Beside, synced, renamed, folder synced: after a power cut the file is the old one or this one. */
    private void replace(byte[] content) throws IOException {
        Path part = folder.resolve(".tokens.json.part");
        Files.deleteIfExists(part);
        Set<StandardOpenOption> fresh = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try (FileChannel out = FileChannel.open(
                part, fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            ByteBuffer bytes = ByteBuffer.wrap(content);
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            out.force(true);
        }
        Files.move(part, path(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel names = FileChannel.open(folder, StandardOpenOption.READ)) {
            names.force(true);
        }
    }
}
