package dev.ternion.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.ternion.worker.MutableClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenFileTest {
    @TempDir
    private Path folder;

    private final MutableClock clock = new MutableClock();
    private TokenFile file;

    @BeforeEach
    void open() {
        file = new TokenFile(folder.resolve("data"), clock);
    }

    @Test
    void aTokenIs256RandomBitsOfWhichOnlyTheHashIsKept() throws IOException {
        Set<String> secrets = new HashSet<>();
        for (int i = 0; i < 5; i++) {
            NewToken made = file.create("ci", Role.SUBMITTER, "default", Duration.ofDays(1));
            assertThat(made.secret()).matches("ternion_[A-Za-z0-9_-]{43}");
            assertThat(made.toString()).doesNotContain(made.secret());
            secrets.add(made.secret());
        }
        assertThat(secrets).hasSize(5);
        try (Stream<Path> all = Files.list(folder.resolve("data"))) {
            for (Path written : all.toList()) {
                assertThat(Files.readString(written)).doesNotContain(secrets);
            }
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.path())))
                .isEqualTo("rw-------");
    }

    @Test
    void listsInOrderWhatWasMadeAndRevoked() throws IOException {
        assertThat(file.list()).isEmpty();
        Token first =
                file.create("ci", Role.SUBMITTER, "default", Duration.ofDays(1)).token();
        Token second =
                file.create("ops", Role.ADMIN, "other", Duration.ofDays(2)).token();
        assertThat(file.list()).containsExactly(first, second);
        assertThat(first.expires()).isEqualTo(clock.instant().plus(Duration.ofDays(1)));
        clock.advance(Duration.ofHours(1));
        assertThat(file.revoke(first.id())).isTrue();
        Token revoked = first.revokedAt(clock.instant());
        clock.advance(Duration.ofHours(1));
        assertThat(file.revoke(first.id())).isTrue();
        assertThat(file.revoke("tok-none")).isFalse();
        assertThat(file.list()).containsExactly(revoked, second);
    }

    @Test
    void whatExpiredLongAgoIsForgottenWithTheNextToken() throws IOException {
        file.create("old", Role.VIEWER, "default", Duration.ofDays(1));
        clock.advance(TokenFile.KEPT.plus(Duration.ofHours(23)));
        file.create("kept", Role.VIEWER, "default", Duration.ofDays(200));
        assertThat(file.list()).extracting(Token::name).containsExactly("old", "kept");
        clock.advance(Duration.ofHours(2));
        file.create("new", Role.VIEWER, "default", Duration.ofDays(1));
        assertThat(file.list()).extracting(Token::name).containsExactly("kept", "new");
    }

    @Test
    void noLifeWithoutAnEnd() {
        for (Duration life : List.of(Duration.ZERO, Duration.ofDays(-1), TokenFile.LONGEST.plusNanos(1))) {
            assertThatIllegalArgumentException().isThrownBy(() -> file.create("x", Role.VIEWER, "default", life));
        }
        assertThat(file.path()).doesNotExist();
    }

    @Test
    void changesAtOnceLoseNone() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try {
            Callable<NewToken> create = () ->
                    new TokenFile(folder.resolve("data"), clock).create("x", Role.VIEWER, "default", TokenFile.LONGEST);
            for (Future<NewToken> made : pool.invokeAll(java.util.Collections.nCopies(16, create))) {
                made.get();
            }
        } finally {
            pool.shutdownNow();
        }
        assertThat(file.list()).hasSize(16);
    }

    @Test
    void aDamagedFileIsNamedAndLeftAsItIs() throws IOException {
        Files.createDirectories(folder.resolve("data"));
        for (String damaged :
                List.of("", "{", "[]", "{\"version\":2,\"tokens\":[]}", "{\"version\":1,\"tokens\":[{}]}")) {
            Files.writeString(file.path(), damaged);
            assertThatIOException().as(damaged).isThrownBy(() -> file.list());
            assertThatIOException()
                    .as(damaged)
                    .isThrownBy(() -> file.create("x", Role.VIEWER, "default", Duration.ofDays(1)));
            assertThat(file.path()).hasContent(damaged);
        }
    }
}
