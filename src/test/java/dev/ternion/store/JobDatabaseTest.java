package dev.ternion.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.ternion.jobs.Change;
import dev.ternion.jobs.Job;
import dev.ternion.jobs.JobChanges;
import dev.ternion.jobs.JobQueue;
import dev.ternion.jobs.Opaque;
import dev.ternion.jobs.Placement;
import dev.ternion.jobs.Submission;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Jobs on SQLite. */
class JobDatabaseTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void answersAsTheStoreInMemoryAlsoWhenOpenedAgain(long seed) throws IOException {
        StoreModel model = new StoreModel(seed);
        for (int opened = 0; opened < 3; opened++) {
            try (JobDatabase jobs = open()) {
                model.compare(jobs.store());
                model.change(jobs.store(), 400);
                model.compare(jobs.store());
            }
        }
    }

    @Test
    void aCommitIsSyncedBeforeItReturns() throws Exception {
        open().close();
        try (var connection = JobDatabase.sqlite(folder.resolve("jobs.db")).getConnection()) {
            Map<String, String> wanted = Map.of("journal_mode", "wal", "synchronous", "2", "foreign_keys", "1");
            for (Map.Entry<String, String> setting : wanted.entrySet()) {
                try (var value = connection.createStatement().executeQuery("PRAGMA " + setting.getKey())) {
                    assertThat(value.next()).isTrue();
                    assertThat(value.getString(1)).as(setting.getKey()).isEqualTo(setting.getValue());
                }
            }
        }
    }

    @Test
    void aThousandParallelCreatesOfOneRequestMakeOneJob() throws Exception {
        try (JobDatabase jobs = open()) {
            JobQueue queue = new JobQueue(new JobChanges(jobs.store(), Clock.systemUTC()), UUID::randomUUID, 10);
            Callable<String> create = () -> queue.submit(new Submission(
                            "", "", Opaque.EMPTY, Placement.on("cpu"), "11111111-2222-3333-4444-555555555555", "body"))
                    .uid();
            ExecutorService pool = Executors.newFixedThreadPool(32);
            try {
                List<Future<String>> answers = pool.invokeAll(
                        IntStream.range(0, 1000).mapToObj(i -> create).toList());
                String uid = answers.get(0).get();
                for (Future<String> answer : answers) {
                    assertThat(answer.get()).isEqualTo(uid);
                }
            } finally {
                pool.shutdownNow();
            }
            assertThat(jobs.store().list(Set.of(), Long.MAX_VALUE, 10)).hasSize(1);
        }
    }

    @Test
    void aJobOfAVersionWithoutDevicesGetsThatOfItsSpec() throws Exception {
        try (JobDatabase jobs = open()) {
            JobQueue queue = new JobQueue(new JobChanges(jobs.store(), Clock.systemUTC()), UUID::randomUUID, 10);
            queue.submit(new Submission("old-open", "", Opaque.EMPTY, Placement.on(""), "", ""));
            queue.submit(new Submission("old-final", "", Opaque.EMPTY, Placement.on(""), "", ""));
            queue.cancel("old-final", "why");
            queue.submit(new Submission("new-open", "", Opaque.EMPTY, Placement.on("cpu"), "", ""));
            jobs.fillDevices(spec -> "cuda:7");
            assertThat(queue.list(Set.of(), Long.MAX_VALUE, 10))
                    .extracting(Job::id, job -> job.placement().device())
                    .containsExactlyInAnyOrder(
                            tuple("old-open", "cuda:7"), tuple("old-final", ""), tuple("new-open", "cpu"));
        }
    }

    @Test
    void aFileThatIsNoDatabaseIsNamedAndLeftAlone() throws IOException {
        Path file = folder.resolve("jobs.db");
        byte[] text = "this is no database, and longer than a header of one is"
                .repeat(20)
                .getBytes();
        Files.write(file, text);
        assertThatThrownBy(this::open).isInstanceOf(IOException.class).hasMessageContainingAll("jobs.db", "backup");
        assertThat(Files.readAllBytes(file)).isEqualTo(text);
    }

    @Test
    void aDatabaseOfALaterVersionIsRefused() throws Exception {
        open().close();
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("jobs.db"))) {
            connection
                    .createStatement()
                    .executeUpdate(
                            "INSERT INTO flyway_schema_history SELECT 99, '99', 'later', type, 'V99__later.sql', 1,"
                                    + " installed_by, installed_on, 1, 1 FROM flyway_schema_history WHERE version = '1'");
        }
        assertThatThrownBy(this::open).isInstanceOf(IOException.class).hasMessageContainingAll("jobs.db", "99");
    }

    @Test
    void jobsOfBeforeChangesWereWrittenStandInTheOrderOfTheirCreation() throws Exception {
        DataSource source = JobDatabase.sqlite(folder.resolve("jobs.db"));
        Flyway.configure()
                .dataSource(source)
                .placeholders(DatabaseKind.SQLITE.words())
                .target("2")
                .load()
                .migrate();
        try (var connection = source.getConnection()) {
            for (String id : List.of("job-a", "job-b", "job-c")) {
                connection
                        .createStatement()
                        .executeUpdate(
                                "INSERT INTO jobs (id, uid, display_name, spec, fingerprint, state, reason, attempts,"
                                        + " created, revision, last_sequence, events) VALUES ('" + id
                                        + "', 'u', '', '', '',"
                                        + " 'CANCELLED', '', 0, 0, 1, 4, 0)");
            }
            connection.createStatement().executeUpdate("DELETE FROM jobs WHERE id = 'job-b'");
        }
        JobDatabase.renewEpoch(folder);
        try (JobDatabase jobs = open()) {
            assertThat(jobs.store().standing(Set.of(), 0, 3, 10))
                    .extracting(Change::revision, change -> change.job().id(), Change::lastSequence)
                    .containsExactly(tuple(1L, "job-a", 4L), tuple(3L, "job-c", 4L));
            assertThat(jobs.store().extent().newest()).isEqualTo(3);
            assertThat(jobs.store().extent().oldest()).isEqualTo(4);
            jobs.store().delete("job-a");
            assertThat(jobs.store().changes(3, 10))
                    .extracting(Change::revision, Change::deleted)
                    .containsExactly(tuple(4L, true));
        }
    }

    @Test
    void theEpochStaysUntilItIsRenewed() throws IOException {
        String first;
        try (JobDatabase jobs = open()) {
            first = jobs.store().extent().epoch();
        }
        try (JobDatabase jobs = open()) {
            assertThat(jobs.store().extent().epoch()).isEqualTo(first);
        }
        JobDatabase.renewEpoch(folder);
        try (JobDatabase jobs = open()) {
            assertThat(jobs.store().extent().epoch()).hasSize(32).isNotEqualTo(first);
        }
    }

    private JobDatabase open() throws IOException {
        return JobDatabase.inFolder(
                folder, StoreModel.MAX_JOBS, StoreModel.MAX_EVENTS, StoreModel.MAX_CHANGES, e -> {});
    }
}
