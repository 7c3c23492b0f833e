package dev.ternion.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ternion.audit.AuditCheck.Result;
import dev.ternion.audit.AuditEntry.Digests;
import dev.ternion.worker.MutableClock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditLogTest {
    private static final int LINES = 6;
    private static final AuditLog.Disk DISK = file -> file.force(false);

    @TempDir
    private Path data;

    private final MutableClock clock = new MutableClock();
    private Path file;

    @BeforeEach
    void name() {
        file = data.resolve("audit/audit-000001.jsonl");
    }

    private static AuditEntry entry(String resource) {
        return new AuditEntry(
                "token:tok-1",
                "ternion.v1.JobService/CreateJob",
                resource,
                "OK",
                "req-1",
                "/127.0.0.1:9",
                new Digests("b".repeat(64), "a".repeat(64)));
    }

    private void write(int lines) throws IOException {
        try (AuditLog log = new AuditLog(data, clock)) {
            for (int i = 0; i < lines; i++) {
                log.add(entry("projects/default/jobs/job-" + i), true, 0);
            }
        }
    }

    private Result check() throws IOException {
        return AuditCheck.of(data, 0, "");
    }

    @Test
    void aLineSaysWhoDidWhatAndWhen() throws IOException {
        try (AuditLog log = new AuditLog(data, clock)) {
            log.add(entry("a \"quoted\"\nname \u00e9"), true, 7);
        }
        JsonNode line = new ObjectMapper().readTree(Files.readString(file));
        assertThat(line.path("seq").asLong()).isEqualTo(1);
        assertThat(line.path("time").asText()).isEqualTo("2030-01-01T00:00:00Z");
        assertThat(line.path("who").asText()).isEqualTo("token:tok-1");
        assertThat(line.path("what").asText()).isEqualTo("ternion.v1.JobService/CreateJob");
        assertThat(line.path("resource").asText()).isEqualTo("a \"quoted\"\nname \u00e9");
        assertThat(line.path("result").asText()).isEqualTo("OK");
        assertThat(line.path("request").asText()).isEqualTo("req-1");
        assertThat(line.path("peer").asText()).isEqualTo("/127.0.0.1:9");
        assertThat(line.path("v").asInt()).isEqualTo(2);
        assertThat(line.path("before").asText()).isEqualTo("b".repeat(64));
        assertThat(line.path("after").asText()).isEqualTo("a".repeat(64));
        assertThat(line.path("skipped").asLong()).isEqualTo(7);
        assertThat(Files.readAllLines(file)).hasSize(1);
        assertThat(check().findings()).isEmpty();
    }

    @Test
    void itGoesOnWhereItWasLeft() throws IOException {
        write(2);
        write(3);
        Result result = check();
        assertThat(result.findings()).isEmpty();
        assertThat(result.lines()).isEqualTo(5);
        assertThat(result.seq()).isEqualTo(5);
        assertThat(AuditCheck.of(data, 5, result.hash()).findings()).isEmpty();
    }

    /** Lines of the version before digests, as it wrote them. */
    @Test
    void aLogOfVersion1IsVerifiedAndGoneOnWith() throws IOException {
        List<String> old = List.of(
                "{\"seq\":1,\"prev\":\"" + AuditLine.FIRST
                        + "\",\"time\":\"2030-01-01T00:00:00Z\",\"who\":\"token:tok-1\","
                        + "\"what\":\"ternion.v1.JobService/CreateJob\",\"resource\":\"projects/default/jobs/job-0\",\"result\":\"OK\","
                        + "\"request\":\"req-1\",\"peer\":\"/127.0.0.1:9\","
                        + "\"hash\":\"42df0f37ce5303d22d8b094ec1297603491d55901b278d4ce4a4641010e9f14e\"}",
                "{\"seq\":2,\"prev\":\"42df0f37ce5303d22d8b094ec1297603491d55901b278d4ce4a4641010e9f14e\","
                        + "\"time\":\"2030-01-01T00:00:00Z\",\"who\":\"token:tok-1\",\"what\":\"ternion.v1.JobService/CancelJob\","
                        + "\"resource\":\"projects/default/jobs/job-0\",\"result\":\"OK\",\"request\":\"req-1\",\"peer\":\"/127.0.0.1:9\","
                        + "\"hash\":\"1591ff901fdc00fd941c408cce73bf1f5c3e7df48f87069ca866318dc9cfbf43\"}");
        Files.createDirectories(file.getParent());
        Files.write(file, old);
        Files.writeString(data.resolve("audit/head"), head(2));
        assertThat(check().findings()).isEmpty();
        write(1);
        assertThat(check().findings()).isEmpty();
        assertThat(check().lines()).isEqualTo(3);
        List<String> lines = new ArrayList<>(Files.readAllLines(file));
        assertThat(lines.subList(0, 2)).isEqualTo(old);
        lines.set(1, lines.get(1).replace("\"peer\"", "\"after\":\"" + "a".repeat(64) + "\",\"peer\""));
        Files.write(file, lines);
        assertThat(check().findings()).singleElement().asString().contains("line 2", "altered");
    }

    @Test
    void everyChangedByteIsFound() throws IOException {
        write(2);
        byte[] good = Files.readAllBytes(file);
        for (int at = 0; at < good.length; at++) {
            byte[] bad = good.clone();
            bad[at] ^= 1;
            Files.write(file, bad);
            assertThat(check().findings()).as("byte %d", at).isNotEmpty();
        }
        Files.write(file, good);
        assertThat(check().findings()).isEmpty();
    }

    @Test
    void everyRemovedLineIsFoundAlsoTheLast() throws IOException {
        write(LINES);
        List<String> good = Files.readAllLines(file);
        for (int from = 0; from < LINES; from++) {
            for (int to = from + 1; to <= LINES; to++) {
                List<String> bad = new ArrayList<>(good);
                bad.subList(from, to).clear();
                Files.write(file, bad);
                assertThat(check().findings()).as("%d to %d", from, to).isNotEmpty();
            }
        }
    }

    @Test
    void everySwapCopyAndInsertedLineIsFound() throws IOException {
        write(LINES);
        List<String> good = Files.readAllLines(file);
        for (int a = 0; a < LINES; a++) {
            for (int b = a + 1; b < LINES; b++) {
                List<String> bad = new ArrayList<>(good);
                Collections.swap(bad, a, b);
                Files.write(file, bad);
                assertThat(check().findings()).as("swap %d %d", a, b).isNotEmpty();
                bad = new ArrayList<>(good);
                bad.add(b, good.get(a));
                Files.write(file, bad);
                assertThat(check().findings()).as("copy %d to %d", a, b).isNotEmpty();
            }
        }
        Files.write(file, good);
        Files.writeString(file, "\n", StandardOpenOption.APPEND);
        assertThat(check().findings()).isNotEmpty();
    }

    /** Who writes a line anew with a good hash breaks the next; who writes all of them anew is found by a noted hash. */
    @Test
    void aLineWithANewHashBreaksTheChainAndANoteFindsANewChain() throws IOException {
        write(LINES);
        String noted = check().hash();
        List<String> lines = Files.readAllLines(file);
        AuditLine third = AuditLine.parse(lines.get(2));
        AuditLine forged = AuditLine.next(3, third.prev(), clock.instant(), entry("other"), 0);
        lines.set(2, new String(forged.bytes(), StandardCharsets.UTF_8).strip());
        Files.write(file, lines);
        assertThat(check().findings()).singleElement().asString().contains("line 4", "line before");

        Files.delete(file);
        Files.delete(data.resolve("audit/head"));
        try (AuditLog log = new AuditLog(data, clock)) {
            for (int i = 0; i < LINES; i++) {
                log.add(entry("forged"), true, 0);
            }
        }
        assertThat(check().findings()).isEmpty();
        assertThat(AuditCheck.of(data, LINES, noted).findings()).isNotEmpty();
        assertThat(AuditCheck.of(data, LINES + 1, noted).findings()).isNotEmpty();
    }

    @Test
    void filesFollowEachOtherAndAMissingOneIsFound() throws IOException {
        for (int round = 0; round < 3; round++) {
            try (AuditLog log = new AuditLog(data, clock, 700, DISK)) {
                for (int i = 0; i < 4; i++) {
                    log.add(entry("job-" + i), true, 0);
                }
            }
        }
        AuditFolder folder = AuditFolder.in(data);
        assertThat(folder.numbers()).hasSizeGreaterThan(3);
        assertThat(check().findings()).isEmpty();
        assertThat(check().lines()).isEqualTo(12);
        for (int number : folder.numbers()) {
            byte[] content = Files.readAllBytes(folder.file(number));
            Files.delete(folder.file(number));
            assertThat(check().findings()).as("file %d", number).isNotEmpty();
            Files.write(folder.file(number), content);
        }
        Files.createFile(folder.file(folder.numbers().size() + 1));
        try (AuditLog log = new AuditLog(data, clock, 700, DISK)) {
            log.add(entry("after an empty file"), true, 0);
        }
        assertThat(check().findings()).isEmpty();
        assertThat(check().lines()).isEqualTo(13);
    }

    @Test
    void aLineThatAKillHasCutIsPassedOverAndRemovedByTheNext() throws IOException {
        write(2);
        byte[] good = Files.readAllBytes(file);
        int second = new String(good, StandardCharsets.UTF_8).indexOf('\n') + 1;
        for (int cut : new int[] {1, 40, good.length - second - 1}) {
            Files.write(file, good);
            Files.writeString(data.resolve("audit/head"), head(2));
            Files.write(file, java.util.Arrays.copyOfRange(good, second, second + cut), StandardOpenOption.APPEND);
            assertThat(check().findings()).as("%d bytes", cut).isEmpty();
            write(1);
            assertThat(check().findings()).as("%d bytes", cut).isEmpty();
            assertThat(check().lines()).isEqualTo(3);
        }
    }

    private String head(int line) throws IOException {
        AuditLine of = AuditLine.parse(Files.readAllLines(file).get(line - 1));
        return String.format("%018d %s%n", of.seq(), of.hash());
    }

    @Test
    void aLogThatBecameShorterIsNotGoneOnWith() throws IOException {
        write(3);
        List<String> lines = Files.readAllLines(file);
        Files.write(file, lines.subList(0, 2));
        assertThatIOException().isThrownBy(() -> new AuditLog(data, clock)).withMessageContaining("lines were removed");
        Files.delete(file);
        assertThatIOException().isThrownBy(() -> new AuditLog(data, clock)).withMessageContaining("lines were removed");
        Files.write(file, lines);
        write(1);
        assertThat(check().findings()).isEmpty();
        Files.delete(data.resolve("audit/head"));
        assertThat(check().findings()).isNotEmpty();
    }

    @Test
    void whoWritesAtOnceMakesOneChain() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try {
            Callable<Void> writer = () -> {
                try (AuditLog log = new AuditLog(data, clock, 3000, DISK)) {
                    for (int i = 0; i < 10; i++) {
                        log.add(entry("job-" + i), i % 3 == 0, 0);
                    }
                }
                return null;
            };
            for (Future<Void> done : pool.invokeAll(Collections.nCopies(4, writer))) {
                done.get();
            }
        } finally {
            pool.shutdownNow();
        }
        assertThat(check().findings()).isEmpty();
        assertThat(check().lines()).isEqualTo(40);
    }

    @Test
    void linesThatComeWhileOthersAreForcedShareTheNextTurn() throws Exception {
        AtomicInteger turns = new AtomicInteger();
        Semaphore started = new Semaphore(0);
        Semaphore go = new Semaphore(0);
        ExecutorService pool = Executors.newFixedThreadPool(9);
        try (AuditLog log = new AuditLog(data, clock, AuditLog.FILE_BYTES, file -> {
            turns.incrementAndGet();
            started.release();
            go.acquireUninterruptibly();
            file.force(false);
        })) {
            Callable<Void> writer = () -> {
                log.add(entry("job"), true, 0);
                return null;
            };
            List<Future<Void>> done = new ArrayList<>(List.of(pool.submit(writer)));
            started.acquire();
            for (int i = 0; i < 8; i++) {
                done.add(pool.submit(writer));
            }
            await().until(() -> Files.readAllLines(file).size() == 9);
            assertThat(done.stream().anyMatch(Future::isDone)).isFalse();
            go.release(2);
            for (Future<Void> line : done) {
                line.get();
            }
        } finally {
            go.release(100);
            pool.shutdownNow();
        }
        assertThat(turns).hasValue(2);
        assertThat(check().findings()).isEmpty();
        assertThat(check().lines()).isEqualTo(9);
    }

    @Test
    void afterAFailureNothingIsTakenAsWritten() throws IOException {
        AtomicInteger turns = new AtomicInteger();
        try (AuditLog log = new AuditLog(data, clock, AuditLog.FILE_BYTES, file -> {
            if (turns.incrementAndGet() == 2) {
                throw new IOException("no disk");
            }
        })) {
            log.add(entry("a"), true, 0);
            assertThatIOException()
                    .isThrownBy(() -> log.add(entry("b"), true, 0))
                    .withMessage("no disk");
            assertThatIOException()
                    .isThrownBy(() -> log.add(entry("c"), true, 0))
                    .withStackTraceContaining("no disk");
        }
        assertThat(turns).hasValue(2);
    }

    @Test
    void noLogIsNoFinding() throws IOException {
        assertThat(check().findings()).isEmpty();
        assertThat(check().lines()).isZero();
        assertThat(AuditCheck.of(data, 1, AuditLine.FIRST).findings()).isNotEmpty();
    }
}
