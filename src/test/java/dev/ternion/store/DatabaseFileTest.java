package dev.ternion.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ternion.jobs.JobChanges;
import dev.ternion.jobs.JobQueue;
import dev.ternion.jobs.JobState;
import dev.ternion.jobs.Opaque;
import dev.ternion.jobs.Placement;
import dev.ternion.jobs.Submission;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A database of jobs is looked at and copied beside the server that works on it. */
class DatabaseFileTest {
    private static final Instant NOW = Instant.parse("2026-11-27T23:00:00.123456789Z");

    @TempDir
    Path folder;

    private Path data;
    private Path copy;

    @BeforeEach
    void fill() throws IOException {
        data = Files.createDirectories(folder.resolve("data"));
        copy = Files.createDirectories(folder.resolve("copy"));
    }

    @Test
    void aCopyMadeWhileJobsChangeHoldsWholeChangesOnly() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        CountDownLatch some = new CountDownLatch(20);
        try (JobDatabase jobs = open(data)) {
            submit(jobs, "job-a");
            JobQueue queue = queue(jobs);
            Thread writer = new Thread(() -> {
                while (!done.get()) {
                    queue.pause("job-a", "paused");
                    queue.resume("job-a");
                    some.countDown();
                }
            });
            writer.start();
            some.await();
            new DatabaseFile(data).copyTo(copy.resolve(DatabaseFile.NAME));
            done.set(true);
            writer.join();
        }
        assertThat(new DatabaseFile(copy).problems(true)).isEmpty();
        try (JobDatabase jobs = open(copy)) {
            long last = jobs.store().lastSequence("job-a");
            assertThat(last).isGreaterThan(20);
            assertThat(jobs.store().events("job-a", 1, 1_000_000)).hasSize((int) last);
        }
    }

    @Test
    void aCopyGivesNoNumberTwice() throws IOException {
        try (JobDatabase jobs = open(data)) {
            submit(jobs, "job-a");
            submit(jobs, "job-b");
            jobs.store().delete("job-b");
        }
        new DatabaseFile(data).copyTo(copy.resolve(DatabaseFile.NAME));
        try (JobDatabase jobs = open(copy)) {
            submit(jobs, "job-c");
            assertThat(jobs.store().find("job-c").orElseThrow().number()).isEqualTo(3);
        }
    }

    @Test
    void lookingChangesNothingAndSeesWhatAKilledServerLeft() throws IOException {
        Path killed = Files.createDirectories(folder.resolve("killed"));
        try (JobDatabase jobs = open(data)) {
            submit(jobs, "job-a");
            for (String name : new String[] {"jobs.db", "jobs.db-wal"}) {
                Files.copy(data.resolve(name), killed.resolve(name));
            }
        }
        assertThat(Files.size(killed.resolve("jobs.db-wal"))).isPositive();
        byte[] before = Files.readAllBytes(killed.resolve("jobs.db"));
        DatabaseFile file = new DatabaseFile(killed);
        assertThat(file.openSpecs()).containsOnlyKeys("job-a");
        assertThat(file.newestEvent()).contains(NOW);
        assertThat(file.problems(false)).isEmpty();
        assertThat(file.schema().later()).isFalse();
        assertThat(file.schema().version()).isEqualTo(file.schema().known()).isNotEqualTo("none");
        file.copyTo(copy.resolve(DatabaseFile.NAME));
        assertThat(Files.readAllBytes(killed.resolve("jobs.db"))).isEqualTo(before);
        assertThat(new DatabaseFile(copy).openSpecs()).containsOnlyKeys("job-a");
    }

    @Test
    void jobsThatHaveEndedNeedNothing() throws IOException {
        try (JobDatabase jobs = open(data)) {
            submit(jobs, "job-a");
            submit(jobs, "job-b");
            queue(jobs).cancel("job-a", "no longer wanted");
            assertThat(jobs.store().find("job-a").orElseThrow().state()).isEqualTo(JobState.CANCELLED);
        }
        assertThat(new DatabaseFile(data).openSpecs()).containsOnlyKeys("job-b");
    }

    @Test
    void tablesOfALaterVersionAreKnownAsSuch() throws Exception {
        open(data).close();
        try (Connection connection =
                        JobDatabase.sqlite(data.resolve(DatabaseFile.NAME)).getConnection();
                Statement statement = connection.createStatement()) {
            statement.executeUpdate(
                    "INSERT INTO flyway_schema_history (installed_rank, version, description, type, script,"
                            + " checksum, installed_by, execution_time, success)"
                            + " VALUES (999, '999', 'later', 'SQL', 'V999__later.sql', 1, '', 1, 1)");
        }
        assertThat(new DatabaseFile(data).schema()).satisfies(schema -> {
            assertThat(schema.later()).isTrue();
            assertThat(schema.version()).isEqualTo("999");
        });
    }

    @Test
    void damageIsFound() throws IOException {
        try (JobDatabase jobs = open(data)) {
            for (int i = 0; i < 50; i++) {
                submit(jobs, "job" + i);
            }
        }
        Path file = data.resolve(DatabaseFile.NAME);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            for (long page = 4; page < channel.size() / 4096; page++) {
                channel.write(ByteBuffer.wrap(new byte[] {77, 1, 2, 3, 4, 5, 6, 7}), page * 4096);
            }
        }
        DatabaseFile damaged = new DatabaseFile(data);
        assertThatThrownBy(() -> {
                    if (!damaged.problems(false).isEmpty()) {
                        throw new IOException(file + ": " + damaged.problems(false));
                    }
                })
                .isInstanceOf(IOException.class)
                .hasMessageContaining(file.toString());
        Files.writeString(file, "no database, and longer than the header of one ".repeat(20));
        assertThatThrownBy(() -> damaged.problems(false)).hasMessageContaining("cannot be read as a database of jobs");
        assertThatThrownBy(damaged::schema).isInstanceOf(IOException.class).hasMessageContaining(file.toString());
        Files.delete(file);
        assertThatThrownBy(() -> damaged.problems(false)).hasMessageContaining("is not there");
        assertThat(file).doesNotExist();
    }

    private static JobDatabase open(Path folder) throws IOException {
        return JobDatabase.inFolder(folder, fault -> {});
    }

    private static void submit(JobDatabase jobs, String id) {
        queue(jobs).submit(new Submission(id, "", Opaque.EMPTY, Placement.on("cpu"), "", ""));
    }

    private static JobQueue queue(JobDatabase jobs) {
        return new JobQueue(new JobChanges(jobs.store(), clock()), UUID::randomUUID, 100);
    }

    private static Clock clock() {
        return Clock.fixed(NOW, ZoneOffset.UTC);
    }
}
