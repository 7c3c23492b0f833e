package dev.ternion.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** One token in every folder. */
public final class FakeAccess implements Access {
    static final String SECRET = "ternion_a-secret";

    private static final Instant MADE = Instant.parse("2026-11-01T00:00:00Z");
    private static final Entry ONE =
            new Entry("tok-000000000001", "ci", "submitter", "default", MADE, MADE.plus(Duration.ofDays(90)), "good");

    @Override
    public Made createToken(Path dataFolder, String name, String role, String project, Duration life) {
        if (!role.equals("submitter")) {
            throw new BadOption("--role is \"" + role + "\", wanted submitter");
        }
        return new Made(new Entry(ONE.id(), name, role, project, MADE, MADE.plus(life), "good"), SECRET);
    }

    @Override
    public List<Entry> tokens(Path dataFolder) {
        return List.of(ONE);
    }

    @Override
    public AuditFindings verifyAudit(Path dataFolder, long seq, String hash) {
        return new AuditFindings(3, 3, "ab", seq == 0 ? List.of() : List.of("line 2: altered, hash " + hash));
    }

    @Override
    public boolean revokeToken(Path dataFolder, String id) {
        return id.equals(ONE.id());
    }
}
