package dev.ternion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ternion.api.v1.CreateJobRequest;
import dev.ternion.api.v1.DataSpec;
import dev.ternion.api.v1.Job;
import dev.ternion.api.v1.JobSpec;
import dev.ternion.audit.AuditCheck;
import dev.ternion.jobs.JobState;
import dev.ternion.store.JobDatabase;
import dev.ternion.telemetry.LogEntry;
import dev.ternion.telemetry.Points;
import dev.ternion.telemetry.SeriesKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a server has acknowledged outlives it, whether its worker does or not. 25 kills; 500 with the profile long. */
class KilledServerIT {
    private static final int KILLS = Integer.getInteger("ternion.kills", 25);
    private static final int CLIENTS = 4;

    static final Set<Job.State> FINAL =
            Set.of(Job.State.STATE_SUCCEEDED, Job.State.STATE_FAILED, Job.State.STATE_CANCELLED);

    /** Acknowledged calls before each kill, on average at least: a slow machine kills later, not under less load. */
    private static final int LOAD = 20;

    @TempDir
    Path folder;

    private Path data;
    private Path log;

    @BeforeEach
    void fill() throws Exception {
        new TinyServer(folder).filled().close();
        data = folder.resolve("data");
        log = folder.resolve("server.log");
        Files.createFile(log);
    }

    static JobSpec fineTune(int steps) {
        JobSpec.Builder spec = JobSpec.newBuilder();
        spec.getFineTuneBuilder()
                .setModel("encoder")
                .setData(DataSpec.newBuilder()
                        .setDataset("tiny-task")
                        .setMaxLength(10)
                        .setPadding(DataSpec.Padding.PADDING_MASKED))
                .getBudgetBuilder()
                .setBatchSize(8)
                .setSteps(steps);
        return spec.build();
    }

    @Test
    void nothingAcknowledgedIsLostOrDoneTwice() throws Exception {
        Random random = new Random(20261125);
        AcknowledgedHistory history = new AcknowledgedHistory(fineTune(3));
        WatchedHistory watched = new WatchedHistory();
        for (int kill = 0; kill < KILLS; kill++) {
            try (ServerProcess server = new ServerProcess(data, log)) {
                history.check(server.patient());
                List<Thread> clients = new ArrayList<>(List.of(watched.watch(server)));
                for (int c = 0; c < CLIENTS; c++) {
                    clients.add(history.client(c, server.patient(), random.nextLong()));
                }
                Thread.sleep(50 + random.nextInt(500));
                int wanted = (kill + 1) * LOAD;
                await().atMost(Duration.ofMinutes(1)).until(() -> history.acknowledged() > wanted);
                if (random.nextBoolean()) {
                    server.killAlone();
                } else {
                    server.kill();
                }
                for (Thread client : clients) {
                    client.join();
                }
            }
            try (JobDatabase jobs = JobDatabase.inFolder(data, e -> {})) {
                AcknowledgedHistory.check(jobs.store());
                watched.check(jobs.store());
                requireAllMeasured(jobs);
            }
            AuditCheck.Result audit = AuditCheck.of(data, 0, "");
            assertThat(audit.findings()).isEmpty();
            assertThat(audit.lines()).isGreaterThanOrEqualTo(history.acknowledged());
        }
        try (ServerProcess server = new ServerProcess(data, log)) {
            history.check(server.patient());
            server.stop();
        }
        try (JobDatabase jobs = JobDatabase.inFolder(data, e -> {})) {
            AcknowledgedHistory.check(jobs.store());
            assertThat(jobs.store().list(JobState.UNDER_WAY, Long.MAX_VALUE, 10))
                    .isEmpty();
            watched.check(jobs.store());
            assertThat(watched.revision()).as("changes that were watched").isGreaterThan(KILLS * LOAD / 2);
        }
    }

    /** Each step of a job that has ended is there once, and what its attempts said is numbered without gaps. */
    private static void requireAllMeasured(JobDatabase jobs) {
        for (dev.ternion.jobs.Job job : jobs.store().list(Set.of(JobState.SUCCEEDED), Long.MAX_VALUE, 1000)) {
            requireAllMeasured(jobs, job.id(), 3);
        }
    }

    static void requireAllMeasured(JobDatabase jobs, String id, int steps) {
        Points loss = jobs.telemetry().points(id, new SeriesKey("", 42, "loss.total"), 0);
        assertThat(loss.size()).as("steps of %s", id).isEqualTo(steps);
        assertThat(loss.step(steps - 1)).isEqualTo(steps);
        List<LogEntry> lines = jobs.telemetry().lines(id, 1, 1000);
        assertThat(lines.stream().map(LogEntry::sequence))
                .as("lines of %s", id)
                .isNotEmpty()
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, lines.size()).boxed().toList());
    }

    @Test
    void aJobThatRanIsStartedAgainAndNotForever() throws Exception {
        CreateJobRequest.Builder create = CreateJobRequest.newBuilder().setJobId("endless");
        create.getJobBuilder().setSpec(fineTune(100_000_000));
        for (int start = 1; start <= 5; start++) {
            try (ServerProcess server = new ServerProcess(data, log)) {
                if (start == 1) {
                    server.jobs().createJob(create.build());
                }
                await().until(() -> server.job("endless").getState() == Job.State.STATE_RUNNING);
            }
        }
        try (ServerProcess server = new ServerProcess(data, log)) {
            Job job = server.job("endless");
            assertThat(job.getState()).isEqualTo(Job.State.STATE_FAILED);
            assertThat(job.getStateReason()).contains("WORKER_LOST", "5 times");
        }
    }

    /** As a service manager does: told at once, server and worker. */
    @Test
    void aServerToldToStopGivesItsJobBackAtNoCost() throws Exception {
        CreateJobRequest.Builder create = CreateJobRequest.newBuilder().setJobId("patient");
        create.getJobBuilder().setSpec(fineTune(100_000_000));
        int steps = 0;
        for (int start = 1; start <= 2; start++) {
            int before = steps;
            try (ServerProcess server = new ServerProcess(data, log)) {
                if (start == 1) {
                    server.jobs().createJob(create.build());
                }
                await().until(() -> server.job("patient").getState() == Job.State.STATE_RUNNING
                        && server.job("patient").getProgress().getStep() > before);
                steps = server.job("patient").getProgress().getStep();
                server.workers().forEach(ProcessHandle::destroy);
                long begin = System.nanoTime();
                assertThat(server.stop()).as(Files.readString(log)).isZero();
                assertThat(Duration.ofNanos(System.nanoTime() - begin))
                        .isLessThan(Bars.within(Duration.ofSeconds(10), Duration.ofSeconds(60)));
                assertThat(server.workers()).isEmpty();
            }
            // There is no evaluation and no minute has passed: the one that was made for the hand-over.
            List<String> checkpoints = Folders.ids(data.resolve("checkpoints/patient"));
            assertThat(Integer.parseInt(checkpoints.get(checkpoints.size() - 1).replace("step-", "")))
                    .isGreaterThanOrEqualTo(steps);
            try (JobDatabase jobs = JobDatabase.inFolder(data, e -> {})) {
                assertThat(jobs.store().find("patient")).hasValueSatisfying(job -> {
                    assertThat(job.state()).isEqualTo(JobState.QUEUED);
                    assertThat(job.runs().counted()).isZero();
                });
            }
        }
    }
}
