package dev.ternion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.ternion.cli.Access;
import dev.ternion.recipe.TinyWorkspace;
import dev.ternion.worker.MutableClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalAccessTest {
    private static final Duration DAY = Duration.ofDays(1);

    @TempDir
    private Path folder;

    private final MutableClock clock = new MutableClock();
    private final Access access = new LocalAccess(clock);

    @Test
    void tokensGoFromGoodToExpiredOrRevoked() throws IOException {
        Access.Made one = access.createToken(folder, "ci", "viewer", "default", DAY);
        Access.Made two = access.createToken(folder, "ops", "admin", "default", DAY.multipliedBy(2));
        assertThat(access.tokens(folder)).containsExactly(one.entry(), two.entry());
        assertThat(one.toString()).doesNotContain(one.secret());
        assertThat(one.entry().state()).isEqualTo("good");
        clock.advance(DAY);
        assertThat(access.revokeToken(folder, two.entry().id())).isTrue();
        assertThat(access.tokens(folder)).extracting(Access.Entry::state).containsExactly("expired", "revoked");
    }

    /** SHA-256 of a file with that token alone. */
    @Test
    void theAuditLogHasDigestsOfTokensBeforeAndAfter() throws Exception {
        Access.Made made = access.createToken(folder, "ci", "viewer", "default", DAY);
        String good = TinyWorkspace.sha256(folder.resolve("tokens.json"));
        access.revokeToken(folder, made.entry().id());
        String revoked = TinyWorkspace.sha256(folder.resolve("tokens.json"));
        List<String> lines = Files.readAllLines(folder.resolve("audit/audit-000001.jsonl"));
        assertThat(lines.get(0)).contains("\"after\":\"" + good + "\"").doesNotContain("\"before\"");
        assertThat(lines.get(1)).contains("\"before\":\"" + good + "\",\"after\":\"" + revoked + "\"");
        assertThat(access.verifyAudit(folder, 0, "").findings()).isEmpty();
    }

    @Test
    void whatNoTokenCanHaveIsRefused() {
        refused("", "viewer", "default", DAY, "--name");
        refused("a\nb", "viewer", "default", DAY, "--name");
        refused("ci", "Viewer", "default", DAY, "viewer, submitter, operator, admin");
        refused("ci", "viewer", "*", DAY, "--project");
        refused("ci", "viewer", "default", Duration.ZERO, "--days");
        refused("ci", "viewer", "default", DAY.multipliedBy(367), "--days");
        assertThat(folder).isEmptyDirectory();
    }

    private void refused(String name, String role, String project, Duration life, String told) {
        assertThatExceptionOfType(Access.BadOption.class)
                .isThrownBy(() -> access.createToken(folder, name, role, project, life))
                .withMessageContaining(told);
    }
}
