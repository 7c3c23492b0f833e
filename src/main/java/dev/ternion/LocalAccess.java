package dev.ternion;

import dev.ternion.api.ResourceNames;
import dev.ternion.audit.AuditCheck;
import dev.ternion.audit.AuditEntry;
import dev.ternion.audit.AuditEntry.Digests;
import dev.ternion.audit.AuditLog;
import dev.ternion.auth.NewToken;
import dev.ternion.auth.Role;
import dev.ternion.auth.Token;
import dev.ternion.auth.TokenFile;
import dev.ternion.cli.Access;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Tokens of data folders of this machine. */
final class LocalAccess implements Access {
    private static final int LONGEST_NAME = 100;

    private final Clock clock;

    LocalAccess(Clock clock) {
        this.clock = clock;
    }

    @Override
    public Made createToken(Path dataFolder, String name, String role, String project, Duration life)
            throws IOException {
        if (name.isBlank() || name.length() > LONGEST_NAME || name.chars().anyMatch(Character::isISOControl)) {
            throw new BadOption("--name has 1 to " + LONGEST_NAME + " printable characters");
        }
        if (!ResourceNames.isId(project)) {
            throw new BadOption("--project is \"" + project + "\", wanted " + ResourceNames.ID_PATTERN);
        }
        if (life.isNegative() || life.isZero() || life.compareTo(TokenFile.LONGEST) > 0) {
            throw new BadOption("--days is " + life.toDays() + ", wanted 1 to " + TokenFile.LONGEST.toDays());
        }
        NewToken made = new TokenFile(dataFolder, clock).create(name, role(role), project, life);
        Digests digests = new Digests("", TokenFile.digest(made.token()));
        note(dataFolder, "tokens create", made.token().id() + " " + role + "@" + project, digests);
        return new Made(entry(made.token()), made.secret());
    }

    @Override
    public List<Entry> tokens(Path dataFolder) throws IOException {
        return new TokenFile(dataFolder, clock).list().stream().map(this::entry).toList();
    }

    @Override
    public boolean revokeToken(Path dataFolder, String id) throws IOException {
        TokenFile file = new TokenFile(dataFolder, clock);
        String before = digest(file, id);
        boolean found = file.revoke(id);
        if (found) {
            note(dataFolder, "tokens revoke", id, new Digests(before, digest(file, id)));
        }
        return found;
    }

    private static String digest(TokenFile file, String id) throws IOException {
        for (Token token : file.list()) {
            if (token.id().equals(id)) {
                return TokenFile.digest(token);
            }
        }
        return "";
    }

    @Override
    public AuditFindings verifyAudit(Path dataFolder, long seq, String hash) throws IOException {
        AuditCheck.Result result = AuditCheck.of(dataFolder, seq, hash);
        return new AuditFindings(result.lines(), result.seq(), result.hash(), result.findings());
    }

    private void note(Path dataFolder, String what, String resource, Digests digests) throws IOException {
        try (AuditLog log = new AuditLog(dataFolder, clock)) {
            String who = "os:" + System.getProperty("user.name");
            log.add(new AuditEntry(who, what, resource, "OK", "", "local", digests), true, 0);
        }
    }

    private static Role role(String text) {
        return Arrays.stream(Role.values())
                .filter(role -> role.text().equals(text))
                .findFirst()
                .orElseThrow(() -> new BadOption("--role is \"" + text + "\", wanted one of "
                        + Arrays.stream(Role.values()).map(Role::text).collect(Collectors.joining(", "))));
    }

    private Entry entry(Token token) {
        Instant now = clock.instant();
        String state = token.revoked() != null ? "revoked" : now.isBefore(token.expires()) ? "good" : "expired";
        return new Entry(
                token.id(),
                token.name(),
                token.role().text(),
                token.project(),
                token.created(),
                token.expires(),
                state);
    }
}
