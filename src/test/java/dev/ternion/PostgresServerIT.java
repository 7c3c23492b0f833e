package dev.ternion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.ternion.api.v1.CancelJobRequest;
import dev.ternion.api.v1.CreateJobRequest;
import dev.ternion.api.v1.Job;
import dev.ternion.store.JobDatabase;
import dev.ternion.store.PostgresSettings;
import dev.ternion.store.TestPostgres;
import dev.ternion.telemetry.Points;
import dev.ternion.telemetry.SeriesKey;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** What a server on PostgreSQL has acknowledged outlives both, whichever of them is killed. */
class PostgresServerIT {
    private static final int KILLS = 2;
    private static final int CLIENTS = 2;
    private static final int LOAD = 20;
    private static final String TRAINING = "training";
    private static final String LAST = "last";
    private static final int STEPS = 3;

    private static EmbeddedPostgres postgres;

    @TempDir
    Path folder;

    private PostgresSettings settings;
    private Path data;
    private Path log;
    private Path file;

    @BeforeAll
    static void start() throws Exception {
        postgres = TestPostgres.start();
    }

    @AfterAll
    static void stop() throws Exception {
        postgres.close();
    }

    @BeforeEach
    void make(TestInfo test) throws Exception {
        String name = test.getTestMethod().orElseThrow().getName().toLowerCase(Locale.ROOT);
        settings = TestPostgres.database(postgres, name);
        data = folder.resolve("data");
        log = Files.createFile(folder.resolve("server.log"));
        file = write(name);
    }

    /** Data set and encoder, and no jobs. */
    private void fill() throws Exception {
        new TinyServer(folder).filled().close();
        Files.delete(data.resolve("jobs.db"));
    }

    private Path write(String database) throws IOException {
        return Files.writeString(
                folder.resolve(database + ".json"),
                "{\"url\": \"postgresql://localhost:" + postgres.getPort() + "/" + database
                        + "\", \"user\": \"postgres\"}");
    }

    private ServerProcess server() throws Exception {
        return ServerProcess.with(data, log, "--database", file.toString());
    }

    /** A training that would never end, and a short one that waits for it. */
    private static void submit(ServerProcess server) {
        submit(server, TRAINING, 100_000_000);
        submit(server, LAST, STEPS);
    }

    private static void submit(ServerProcess server, String id, int steps) {
        CreateJobRequest.Builder create = CreateJobRequest.newBuilder().setJobId(id);
        create.getJobBuilder()
                .setDisplayName(id)
                .setSpec(KilledServerIT.fineTune(steps))
                .setPriority(1);
        create.getJobBuilder().getSpecBuilder().getFineTuneBuilder().setOutputModel("m-" + id);
        server.jobs().createJob(create.build());
    }

    /** Returns when the training has gone on. */
    private static void awaitStep(ServerProcess server) {
        int step = server.job(TRAINING).getProgress().getStep();
        await().until(() -> server.job(TRAINING).getProgress().getStep() > step);
        assertThat(server.job(TRAINING).getState()).isEqualTo(Job.State.STATE_RUNNING);
    }

    @Test
    void nothingAcknowledgedIsLostWhenTheServerIsKilled() throws Exception {
        fill();
        Random random = new Random(20261128);
        AcknowledgedHistory history = new AcknowledgedHistory(KilledServerIT.fineTune(STEPS));
        for (int kill = 0; kill < KILLS; kill++) {
            try (ServerProcess server = server()) {
                history.check(server.patient());
                if (kill == 0) {
                    submit(server);
                }
                List<Thread> clients = clients(server, history, random);
                awaitStep(server);
                awaitLoad(history, kill);
                if (kill % 2 == 0) {
                    server.killAlone();
                } else {
                    server.kill();
                }
                for (Thread client : clients) {
                    client.join();
                }
            }
            try (JobDatabase jobs = JobDatabase.onPostgres(settings, e -> {})) {
                AcknowledgedHistory.check(jobs.store());
            }
        }
        try (ServerProcess server = server()) {
            history.check(server.patient());
            awaitStep(server);
            int seen = end(server);
            assertThat(server.stop()).as(Files.readString(log)).isZero();
            requireAll(seen);
        }
    }

    /** Immediate shutdown, as a crash; the server stays, says UNAVAILABLE, and goes on, and so does the training, at no cost. */
    @Test
    void nothingAcknowledgedIsLostWhenPostgresIsKilled() throws Exception {
        fill();
        TestPostgres.Place place = TestPostgres.Place.of(postgres, folder.resolve("postgres.log"));
        AcknowledgedHistory history = new AcknowledgedHistory(KilledServerIT.fineTune(STEPS));
        try (ServerProcess server = server()) {
            submit(server);
            List<Thread> clients = clients(server, history, new Random(20261129));
            awaitStep(server);
            awaitLoad(history, 0);
            place.crash();
            // A client whose call was just being committed hears nothing until the database can tell what became of it.
            assertThat(codeOf(server)).isEqualTo(Status.Code.UNAVAILABLE);
            place.start();
            await().until(() -> codeOf(server) == Status.Code.OK);
            history.end();
            for (Thread client : clients) {
                client.join();
            }
            history.check(server.patient());
            awaitStep(server);
            assertThat(server.job(TRAINING).getAttempts()).isEqualTo(1);
            int seen = end(server);
            place.crash();
            try {
                assertThat(server.stop()).as(Files.readString(log)).isZero();
            } finally {
                place.start();
            }
            requireAll(seen);
        }
    }

    private static List<Thread> clients(ServerProcess server, AcknowledgedHistory history, Random random) {
        List<Thread> clients = new ArrayList<>();
        for (int c = 0; c < CLIENTS; c++) {
            clients.add(history.client(c, server.patient(), random.nextLong()));
        }
        return clients;
    }

    private static void awaitLoad(AcknowledgedHistory history, int before) {
        await().until(() -> history.acknowledged() > (before + 1) * LOAD);
    }

    /** The training is cancelled after so many steps, and the next job succeeds. */
    private static int end(ServerProcess server) {
        int seen = server.job(TRAINING).getProgress().getStep();
        server.jobs()
                .cancelJob(CancelJobRequest.newBuilder()
                        .setName(server.job(TRAINING).getName())
                        .build());
        await().until(() -> server.job(LAST).getState() == Job.State.STATE_SUCCEEDED);
        assertThat(server.job(TRAINING).getState()).isEqualTo(Job.State.STATE_CANCELLED);
        return seen;
    }

    /** What both have told is in the database, each step once. */
    private void requireAll(int seen) throws IOException {
        try (JobDatabase jobs = JobDatabase.onPostgres(settings, e -> {})) {
            AcknowledgedHistory.check(jobs.store());
            KilledServerIT.requireAllMeasured(jobs, LAST, STEPS);
            assertThat(stepsOf(jobs)).isGreaterThanOrEqualTo(seen);
        }
    }

    /** Read as a client would, from the last one on: 1, 2, 3 and so on. */
    private static int stepsOf(JobDatabase jobs) {
        int steps = 0;
        while (true) {
            Points loss = jobs.telemetry().points(TRAINING, new SeriesKey("", 42, "loss.total"), steps + 1);
            for (int i = 0; i < loss.size(); i++) {
                assertThat(loss.step(i)).isEqualTo(++steps);
            }
            if (loss.size() == 0) {
                return steps;
            }
        }
    }

    @Test
    void aFolderStaysWithItsDatabase() throws Exception {
        Files.createDirectories(data);
        TestPostgres.database(postgres, "another");
        LocalJobs.open(data, Optional.of(file), e -> {}).close();
        LocalJobs.open(data, Optional.of(file), e -> {}).close();
        assertThatThrownBy(() -> LocalJobs.open(data, Optional.of(write("another")), e -> {}))
                .hasMessageContaining("are in another database, " + settings)
                .hasMessageContaining("/another as postgres");
        TinyServer.Result doctor = TinyServer.cli("doctor", "--data", data.toString(), "--database", file.toString());
        assertThat(doctor.code()).as(doctor.err()).isZero();
        assertThat(doctor.err())
                .contains("OK    store: " + settings + ": PostgreSQL ")
                .containsPattern(", tables of version [0-9]+,")
                .contains("synchronous_commit off (a server sets it to on), no server has it");
    }

    private static Status.Code codeOf(ServerProcess server) {
        try {
            server.job(TRAINING);
            return Status.Code.OK;
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode();
        }
    }
}
