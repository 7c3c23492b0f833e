package dev.ternion.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.jobs.Change;
import dev.ternion.jobs.Job;
import dev.ternion.jobs.JobChanges;
import dev.ternion.jobs.JobQueue;
import dev.ternion.jobs.Opaque;
import dev.ternion.jobs.Placement;
import dev.ternion.jobs.Submission;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Jobs on PostgreSQL. */
class PostgresIT {
    private static final int WRITERS = 3;
    private static final int JOBS = 60;

    private static EmbeddedPostgres server;

    @BeforeAll
    static void start() throws Exception {
        server = TestPostgres.builder().start();
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    @Test
    void answersAsTheStoreInMemoryAlsoWhenOpenedAgain() throws Exception {
        PostgresSettings settings = TestPostgres.settings(server, "postgres");
        StoreModel model = new StoreModel(4);
        for (int opened = 0; opened < 2; opened++) {
            try (JobDatabase jobs = JobDatabase.onPostgres(
                    settings, StoreModel.MAX_JOBS, StoreModel.MAX_EVENTS, StoreModel.MAX_CHANGES, e -> {})) {
                model.compare(jobs.store());
                model.change(jobs.store(), 1000);
                model.compare(jobs.store());
            }
        }
    }

    @Test
    void tellsSeriesAndLogsAsTheStoreInMemory() throws Exception {
        PostgresSettings settings = TestPostgres.database(server, "told");
        TelemetryModel model = new TelemetryModel(5);
        try (JobDatabase jobs = JobDatabase.onPostgres(settings, 100, 100, 100, e -> {})) {
            SqlTelemetry telemetry = new SqlTelemetry(
                    Jdbi.create(new PostgresConnections(settings, "test")),
                    TelemetryModel.BOUNDS,
                    TelemetryModel.CLOCK);
            model.change(jobs.store(), telemetry, 300);
            model.compare(telemetry);
        }
    }

    /** Writers that do not wait for each other: who reads up to a revision will find no lower one later. */
    @Test
    void changesAreCommittedInTheOrderOfTheirRevisions() throws Exception {
        PostgresSettings settings = TestPostgres.database(server, "ordered");
        ExecutorService pool = Executors.newFixedThreadPool(WRITERS);
        try (JobDatabase jobs = JobDatabase.onPostgres(settings, 1000, 100, 10_000, e -> {})) {
            List<Future<?>> writers = new ArrayList<>();
            for (int writer = 0; writer < WRITERS; writer++) {
                int number = writer;
                JobQueue queue =
                        new JobQueue(new JobChanges(jobs.store(), Clock.systemUTC()), UUID::randomUUID, WRITERS * JOBS);
                writers.add(pool.submit(() -> write(queue, number)));
            }
            List<Long> seen = new ArrayList<>();
            while (seen.size() < WRITERS * JOBS * 3) {
                boolean over = writers.stream().allMatch(Future::isDone);
                List<Change> next = jobs.store().changes(seen.size(), 10);
                next.forEach(change -> seen.add(change.revision()));
                for (int i = 0; i < next.size(); i++) {
                    assertThat(seen.get(seen.size() - 1 - i)).isEqualTo(seen.size() - i);
                }
                assertThat(over && next.isEmpty()).as("%s changes", seen).isFalse();
            }
            for (Future<?> writer : writers) {
                writer.get();
            }
        } finally {
            pool.shutdownNow();
        }
    }

    private static void write(JobQueue queue, int writer) {
        for (int i = 0; i < JOBS; i++) {
            Job job = queue.submit(
                    new Submission("job-" + writer + "-" + i, "", Opaque.EMPTY, Placement.on("cpu"), "", ""));
            queue.cancel(job.id(), "why");
            queue.delete(job.id());
        }
    }
}
