package dev.ternion.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.ternion.auth.Unauthenticated.Reason;
import dev.ternion.worker.MutableClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenAuthenticatorTest {
    @TempDir
    private Path folder;

    private final MutableClock clock = new MutableClock();
    private TokenFile file;
    private TokenAuthenticator tokens;

    @BeforeEach
    void open() throws IOException {
        file = new TokenFile(folder, clock);
        tokens = new TokenAuthenticator(file, clock);
    }

    @Test
    void aNewTokenIsKnownAfterTheNextRefresh() throws Exception {
        NewToken made = file.create("ci", Role.SUBMITTER, "default", Duration.ofDays(1));
        assertThat(refused(made.secret())).isEqualTo(Reason.TOKEN_INVALID);
        tokens.refresh();
        Principal principal = tokens.authenticate(made.secret());
        assertThat(principal).isEqualTo(new Principal("token:" + made.token().id(), Role.SUBMITTER, "default"));
        assertThat(tokens.isValid(principal)).isTrue();
        assertThat(tokens.isValid(new Principal(principal.id(), Role.ADMIN, "default")))
                .isFalse();
    }

    @Test
    void whatIsNotTheTokenItselfIsNone() throws Exception {
        String secret =
                file.create("ci", Role.ADMIN, "default", Duration.ofDays(1)).secret();
        tokens.refresh();
        int last = secret.length() - 1;
        for (String bad : new String[] {
            "",
            " ",
            secret + " ",
            secret + "A",
            secret.substring(0, last),
            secret.substring(8),
            secret.toUpperCase(java.util.Locale.ROOT),
            secret.substring(0, last - 1) + (secret.charAt(last - 1) == 'A' ? 'B' : 'A') + secret.charAt(last),
            TokenSecret.sha256(secret),
            "ternion_" + TokenSecret.sha256(secret).substring(0, 43)
        }) {
            assertThat(refused(bad)).as(bad).isEqualTo(Reason.TOKEN_INVALID);
        }
    }

    @Test
    void expiredAndRevokedTokensAreToldApart() throws Exception {
        NewToken expiring = file.create("a", Role.VIEWER, "default", Duration.ofDays(1));
        NewToken revoked = file.create("b", Role.VIEWER, "default", Duration.ofDays(9));
        tokens.refresh();
        Principal both = tokens.authenticate(revoked.secret());
        clock.advance(Duration.ofDays(1).minusSeconds(1));
        Principal one = tokens.authenticate(expiring.secret());
        clock.advance(Duration.ofSeconds(1));
        assertThat(refused(expiring.secret())).isEqualTo(Reason.TOKEN_EXPIRED);
        assertThat(tokens.isValid(one)).isFalse();
        file.revoke(revoked.token().id());
        tokens.refresh();
        assertThat(refused(revoked.secret())).isEqualTo(Reason.TOKEN_REVOKED);
        assertThat(tokens.isValid(both)).isFalse();
    }

    @Test
    void withoutAReadableFileNoTokenIsGood() throws Exception {
        String secret =
                file.create("ci", Role.ADMIN, "default", Duration.ofDays(1)).secret();
        tokens.refresh();
        tokens.authenticate(secret);
        String good = Files.readString(file.path());
        Files.writeString(file.path(), good.substring(1));
        tokens.refresh();
        assertThat(refused(secret)).isEqualTo(Reason.TOKEN_INVALID);
        assertThatIOException().isThrownBy(() -> new TokenAuthenticator(file, clock));
        Files.writeString(file.path(), good);
        tokens.refresh();
        tokens.authenticate(secret);
        Files.delete(file.path());
        tokens.refresh();
        assertThat(refused(secret)).isEqualTo(Reason.TOKEN_INVALID);
    }

    private Reason refused(String bearer) {
        Unauthenticated thrown = catchThrowableOfType(Unauthenticated.class, () -> tokens.authenticate(bearer));
        assertThat(thrown).as(bearer).isNotNull();
        assertThat(thrown.getMessage()).doesNotContain(bearer.isBlank() ? "\u0000" : bearer);
        return thrown.reason();
    }
}
