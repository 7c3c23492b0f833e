package dev.ternion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ternion.api.ResourceNames;
import dev.ternion.api.v1.CreateJobRequest;
import dev.ternion.api.v1.Job;
import dev.ternion.api.v1.JobEvent;
import dev.ternion.api.v1.JobSpec;
import dev.ternion.api.v1.LogEntry;
import dev.ternion.api.v1.LogServiceGrpc;
import dev.ternion.api.v1.MetricServiceGrpc;
import dev.ternion.api.v1.PauseJobRequest;
import dev.ternion.api.v1.QuerySeriesRequest;
import dev.ternion.api.v1.ResumeJobRequest;
import dev.ternion.api.v1.TailLogsRequest;
import dev.ternion.api.v1.WatchJobRequest;
import io.grpc.Channel;
import io.grpc.Context;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bars: the server goes away under a worker that trains, and the worker under its server. */
class WorkersIT {
    private static final Duration LEASE_AND_ONE_SECOND = Duration.ofSeconds(16);
    private static final int STEPS = 3000;
    private static final int EVERY = 150;

    /** So long that a training outlasts two restarts of its server and 5 s more. */
    private static final int LONG = 9000;

    @TempDir
    Path folder;

    private Path data;
    private Path log;

    @BeforeEach
    void fill() throws Exception {
        new TinyServer(folder).filled().close();
        data = folder.resolve("data");
        log = Files.createFile(folder.resolve("server.log"));
    }

    /** Down for no longer than a start takes, and for 5 s. */
    @Test
    void aTrainingDoesNotNoticeThatItsServerIsAway() throws Exception {
        try (ServerProcess server = new ServerProcess(data, log)) {
            create(server, LONG);
            awaitEvaluations(server, 1);
            server.killAlone();
        }
        ProcessHandle worker;
        try (ServerProcess server = new ServerProcess(data, log)) {
            awaitEvaluations(server, 3);
            worker = onlyWorker(server);
            server.killAlone();
            Thread.sleep(5000);
            assertThat(worker.isAlive()).isTrue();
        }
        try (ServerProcess server = new ServerProcess(data, log)) {
            Job job = awaitFinal(server);
            assertThat(job.getState()).as(job.getStateReason()).isEqualTo(Job.State.STATE_SUCCEEDED);
            assertThat(job.getAttempts()).isEqualTo(1);
            List<JobEvent> events = events(server);
            assertThat(evaluatedSteps(events))
                    .containsExactlyElementsOf(IntStream.rangeClosed(1, LONG / EVERY)
                            .mapToObj(i -> i * EVERY)
                            .toList());
            assertThat(events.stream().filter(JobEvent::hasStateChange)).hasSize(4);
            await().until(() -> !worker.isAlive());
            requireAllToldOnce(server, LONG, 1);
        }
    }

    /** killed, as the system does when memory is short. */
    @Test
    void aKilledWorkerIsReplacedAndItsJobGoesOn() throws Exception {
        try (ServerProcess server = new ServerProcess(data, log)) {
            create(server, STEPS);
            awaitEvaluations(server, 2);
            ProcessHandle worker = onlyWorker(server);
            assertThat(Files.readString(Path.of("/proc/" + worker.pid() + "/oom_score_adj")))
                    .isEqualToIgnoringNewLines("500");
            worker.destroyForcibly();
            Instant killed = Instant.now();
            await().until(() -> lost(server).isPresent());
            // The lease is longer than both.
            assertThat(lost(server).orElseThrow())
                    .isBefore(killed.plus(Bars.within(Duration.ofSeconds(1), Duration.ofSeconds(12))));
            goesOn(server);
        }
    }

    /** silent. It comes back when it has been given up, and can do nothing. */
    @Test
    void aSilentWorkerIsReplacedAndItsJobGoesOn() throws Exception {
        try (ServerProcess server = new ServerProcess(data, log)) {
            create(server, STEPS);
            awaitEvaluations(server, 2);
            ProcessHandle worker = onlyWorker(server);
            new ProcessBuilder("kill", "-STOP", String.valueOf(worker.pid()))
                    .start()
                    .waitFor();
            Instant stopped = Instant.now();
            await().until(() -> lost(server).isPresent());
            assertThat(lost(server).orElseThrow())
                    .isBefore(stopped.plus(Bars.within(LEASE_AND_ONE_SECOND, Duration.ofSeconds(45))));
            await().until(() -> !worker.isAlive());
            goesOn(server);
        }
    }

    @Test
    void aPausedJobHasACheckpointAndNoWorkerAndGoesOn() throws Exception {
        try (ServerProcess server = new ServerProcess(data, log)) {
            create(server, STEPS);
            awaitEvaluations(server, 1);
            ProcessHandle worker = onlyWorker(server);
            server.jobs()
                    .pauseJob(PauseJobRequest.newBuilder()
                            .setName(ResourceNames.JOB.name("long"))
                            .build());
            await().until(() -> server.job("long").getState() == Job.State.STATE_PAUSED && !worker.isAlive());
            int step = server.job("long").getProgress().getStep();
            server.jobs()
                    .resumeJob(ResumeJobRequest.newBuilder()
                            .setName(ResourceNames.JOB.name("long"))
                            .build());
            Job job = awaitFinal(server);
            assertThat(job.getState()).as(job.getStateReason()).isEqualTo(Job.State.STATE_SUCCEEDED);
            assertThat(job.getAttempts()).isEqualTo(1);
            List<JobEvent> events = events(server);
            assertThat(evaluatedSteps(events)).doesNotHaveDuplicates().hasSize(STEPS / EVERY);
            List<Integer> steps = events.stream()
                    .filter(JobEvent::hasProgress)
                    .map(event -> event.getProgress().getStep())
                    .toList();
            assertThat(step).isLessThan(STEPS);
            assertThat(steps).as("no step is made again").isSorted().doesNotHaveDuplicates();
        }
    }

    private static void goesOn(ServerProcess server) {
        Job job = awaitFinal(server);
        assertThat(job.getState()).as(job.getStateReason()).isEqualTo(Job.State.STATE_SUCCEEDED);
        assertThat(job.getAttempts()).isEqualTo(2);
        List<JobEvent> events = events(server);
        int second = events.indexOf(events.stream()
                .filter(event -> event.getStateChange().getTo() == Job.State.STATE_RUNNING)
                .reduce((a, b) -> b)
                .orElseThrow());
        List<Integer> before = evaluatedSteps(events.subList(0, second));
        List<Integer> after = evaluatedSteps(events.subList(second, events.size()));
        // From the last checkpoint, which comes with each evaluation: nothing is evaluated again but the one under way.
        assertThat(after.get(0)).isBetween(before.get(before.size() - 1), before.get(before.size() - 1) + EVERY);
        assertThat(after.get(after.size() - 1)).isEqualTo(STEPS);
        requireAllToldOnce(server, STEPS, 2);
    }

    /** A point of each step and evaluation, and the lines of each attempt without gaps: nothing is lost and nothing there twice. */
    private static void requireAllToldOnce(ServerProcess server, int steps, int attempts) {
        Channel channel = server.jobs().getChannel();
        assertThat(steps(channel, "42/loss.total"))
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, steps).boxed().toList());
        assertThat(steps(channel, "42/eval.accuracy"))
                .containsExactlyElementsOf(LongStream.rangeClosed(1, steps / EVERY)
                        .mapToObj(i -> i * EVERY)
                        .toList());
        List<LogEntry> lines = new ArrayList<>();
        LogServiceGrpc.newBlockingStub(channel)
                .tailLogs(TailLogsRequest.newBuilder()
                        .setName(ResourceNames.JOB.name("long"))
                        .build())
                .forEachRemaining(next -> lines.add(next.getEntry()));
        assertThat(lines.stream().map(LogEntry::getSequence))
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, lines.size()).boxed().toList());
        for (int attempt = 1; attempt <= attempts; attempt++) {
            int number = attempt;
            List<String> said = lines.stream()
                    .filter(line -> line.getAttempt() == number)
                    .map(LogEntry::getText)
                    .toList();
            assertThat(said).doesNotHaveDuplicates().first().asString().startsWith("LOADING");
        }
        assertThat(lines.stream()
                        .map(LogEntry::getText)
                        .filter(text -> text.startsWith("evaluated"))
                        .distinct())
                .hasSize(steps / EVERY);
    }

    private static List<Long> steps(Channel channel, String key) {
        return MetricServiceGrpc.newBlockingStub(channel)
                .querySeries(QuerySeriesRequest.newBuilder()
                        .setName(ResourceNames.JOB.name("long"))
                        .addKeys(key)
                        .setMaxPoints(100_000)
                        .build())
                .getSeries(0)
                .getStepsList();
    }

    /** When the job left RUNNING, by the clock of this machine. */
    private static Optional<Instant> lost(ServerProcess server) {
        return events(server).stream()
                .filter(event -> event.getStateChange().getFrom() == Job.State.STATE_RUNNING
                        && event.getStateChange().getTo() == Job.State.STATE_QUEUED)
                .map(event -> Instant.ofEpochSecond(
                        event.getTime().getSeconds(), event.getTime().getNanos()))
                .findFirst();
    }

    private static void create(ServerProcess server, int steps) {
        JobSpec.Builder spec = KilledServerIT.fineTune(steps).toBuilder();
        spec.getFineTuneBuilder().getBudgetBuilder().setEvalEvery(EVERY);
        CreateJobRequest.Builder create = CreateJobRequest.newBuilder().setJobId("long");
        create.getJobBuilder().setSpec(spec);
        server.jobs().createJob(create.build());
    }

    private static ProcessHandle onlyWorker(ServerProcess server) {
        List<ProcessHandle> workers = server.workers();
        assertThat(workers).hasSize(1);
        return workers.get(0);
    }

    private static void awaitEvaluations(ServerProcess server, int count) {
        await().atMost(Duration.ofMinutes(1))
                .until(() -> evaluatedSteps(events(server)).size() >= count);
    }

    private static Job awaitFinal(ServerProcess server) {
        await().atMost(Duration.ofMinutes(2))
                .until(() -> KilledServerIT.FINAL.contains(server.job("long").getState()));
        return server.job("long");
    }

    private static List<Integer> evaluatedSteps(List<JobEvent> events) {
        return events.stream()
                .filter(JobEvent::hasEvaluation)
                .map(event -> event.getEvaluation().getStep())
                .toList();
    }

    /** Those that are there now. */
    private static List<JobEvent> events(ServerProcess server) {
        long last = server.job("long").getLastSequence();
        List<JobEvent> all = new ArrayList<>();
        try (Context.CancellableContext watch = Context.current().withCancellation()) {
            watch.run(() -> {
                var events = server.jobs()
                        .watchJob(WatchJobRequest.newBuilder()
                                .setName(ResourceNames.JOB.name("long"))
                                .build());
                while (all.isEmpty() || all.get(all.size() - 1).getSequence() < last) {
                    all.add(events.next());
                }
            });
        }
        return all;
    }
}
