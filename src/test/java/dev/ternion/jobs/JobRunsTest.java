package dev.ternion.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ternion.jobs.JobEvent.Kind;
import dev.ternion.jobs.JobEvent.Recorded;
import dev.ternion.jobs.JobEvent.StateChanged;
import dev.ternion.worker.MutableClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Attempts, with a clock and processes that the test moves. */
class JobRunsTest {
    private static final Duration LATE = JobRuns.LEASE.plusMillis(1);

    private final InMemoryJobStore store = new InMemoryJobStore();
    private final FakeWorkers workers = new FakeWorkers();
    private final List<String> cleaned = new ArrayList<>();
    private long now = Long.MAX_VALUE - Duration.ofSeconds(20).toNanos(); // the clock may wrap around
    private final MutableClock clock = new MutableClock();
    private JobChanges changes = new JobChanges(store, clock);
    private JobQueue queue = new JobQueue(changes, UUID::randomUUID, 10);
    private Results.Stage stage = Results.Stage.KEPT;
    private JobRuns runs = runs();

    @Test
    void oneJobAtATimeUntilItsProcessIsGone() {
        submit("job-a");
        submit("job-b");
        begin();
        runs.finish("job-a", 1, new Outcome.Succeeded(Opaque.EMPTY, Opaque.EMPTY));
        runs.turn();
        assertThat(workers.started).hasSize(1);
        workers.last().alive = false;
        runs.turn();
        assertThat(workers.last().jobId).isEqualTo("job-b");
    }

    @Test
    void aWorkerThatDiesIsReplacedAtOnce() {
        submit("job-a");
        begin();
        workers.last().alive = false;
        runs.turn();
        assertThat(workers.last().attempt).isEqualTo(2);
        assertThat(queue.events("job-a", 4, 10))
                .extracting(JobEvent::body)
                .containsExactly(
                        new StateChanged(
                                JobState.RUNNING,
                                JobState.QUEUED,
                                "waiting: its worker ended without a word, it goes on",
                                null),
                        new StateChanged(JobState.QUEUED, JobState.STARTING, "starting a worker", null));
        assertThat(queue.get("job-a").runs()).isEqualTo(new Runs(2, 2, "", Duration.ZERO));
    }

    @Test
    void aSilentWorkerLosesItsJobAndItsDeviceOnlyWhenItIsGone() {
        submit("job-a");
        begin();
        FakeWorkers.Fake silent = workers.last();
        silent.stubborn = true;
        now += JobRuns.LEASE.toNanos() - 1;
        runs.turn();
        assertThat(queue.get("job-a").state()).isEqualTo(JobState.RUNNING);
        now += 2;
        runs.turn();
        assertThat(queue.get("job-a").state()).isEqualTo(JobState.QUEUED);
        assertThat(silent.killed).isEqualTo(1);
        assertThatThrownBy(() -> report(1, "late")).isInstanceOf(AttemptOver.class);
        assertThatThrownBy(() -> runs.finish("job-a", 1, new Outcome.Stopped())).isInstanceOf(AttemptOver.class);
        runs.turn();
        assertThat(workers.started).hasSize(1);
        silent.alive = false;
        runs.turn();
        assertThat(workers.last().attempt).isEqualTo(2);
        assertThat(queue.events("job-a", 1, 100)).noneMatch(e -> e.body() instanceof Recorded);
    }

    @Test
    void aSignOfLifeExtendsTheLease() {
        submit("job-a");
        begin();
        for (int i = 0; i < 5; i++) {
            now += JobRuns.LEASE.toNanos() - 1;
            runs.turn();
            assertThat(runs.report("job-a", 1, 1, List.of())).isEqualTo(Order.GO_ON);
        }
        assertThat(queue.get("job-a").state()).isEqualTo(JobState.RUNNING);
    }

    @Test
    void aWorkerWhoseReportTheStoreCannotTakeIsNotSilent() {
        submit("job-a");
        begin();
        for (int i = 0; i < 3; i++) {
            now += JobRuns.LEASE.toNanos() - 1;
            runs.active("job-a", 1, Duration.ofSeconds(1));
            runs.turn();
        }
        assertThat(queue.get("job-a").state()).isEqualTo(JobState.RUNNING);
    }

    /** clocks that are set, an hour on or back, misfire nothing. */
    @Test
    void aClockThatIsSetLosesNoWorkerAndNoRequest() {
        String request = "11111111-2222-3333-4444-555555555555";
        Job made = queue.submit(new Submission("job-a", "", Opaque.EMPTY, Placement.on("cpu"), request, "body"));
        begin();
        for (int hours : new int[] {1, -2, 24, -23, 1}) {
            clock.advance(Duration.ofHours(hours));
            runs.turn();
            assertThat(runs.report("job-a", 1, 1, List.of())).isEqualTo(Order.GO_ON);
            assertThat(queue.submit(new Submission("job-a", "", Opaque.EMPTY, Placement.on("cpu"), request, "body"))
                            .uid())
                    .isEqualTo(made.uid());
            queue.submit(new Submission(
                    "other-" + queue.list(Set.of(), Long.MAX_VALUE, 10).size(),
                    "",
                    Opaque.EMPTY,
                    Placement.on("cpu"),
                    "",
                    ""));
        }
        clock.advance(Duration.ofHours(-5));
        Job done = runs.finish("job-a", 1, new Outcome.Succeeded(Opaque.EMPTY, Opaque.EMPTY));
        assertThat(done.state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(done.runs().counted()).isEqualTo(1);
        assertThat(queue.events("job-a", 1, 10)).extracting(JobEvent::sequence).containsExactly(1L, 2L, 3L, 4L, 5L);
    }

    @Test
    void aWorkerHasAMinuteToClaim() {
        submit("job-a");
        runs.turn();
        now += JobRuns.START.toNanos() - 1;
        runs.turn();
        assertThat(queue.get("job-a").state()).isEqualTo(JobState.STARTING);
        now += 2;
        runs.turn();
        assertThat(workers.started.get(0).killed).isEqualTo(1);
        assertThat(queue.get("job-a").state()).isEqualTo(JobState.QUEUED);
        assertThatThrownBy(() -> runs.claim("job-a", 1)).isInstanceOf(AttemptOver.class);
    }

    @Test
    void aJobThatIsLostTooOftenFails() {
        submit("job-a");
        for (int attempt = 1; attempt <= JobRuns.MAX_ATTEMPTS; attempt++) {
            begin();
            assertThat(workers.last().attempt).isEqualTo(attempt);
            workers.last().alive = false;
        }
        runs.turn();
        Job failed = queue.get("job-a");
        assertThat(failed.state()).isEqualTo(JobState.FAILED);
        assertThat(failed.error().reason()).isEqualTo("WORKER_LOST");
        assertThat(failed.error().message()).contains("5 times", "ended without a word");
        assertThat(workers.started).hasSize(JobRuns.MAX_ATTEMPTS);
    }

    @Test
    void aWorkerThatCannotBeStartedIsToldAsSuch() {
        submit("job-a");
        workers.breakDown();
        runs.turn();
        assertThat(queue.events("job-a", 3, 1).get(0).body())
                .isEqualTo(new StateChanged(
                        JobState.STARTING,
                        JobState.QUEUED,
                        "waiting: no worker could be started: out of processes, it goes on",
                        null));
        for (int i = 1; i < JobRuns.MAX_ATTEMPTS; i++) {
            runs.turn();
        }
        assertThat(queue.get("job-a").state()).isEqualTo(JobState.FAILED);
    }

    @Test
    void callsCanBeRepeated() {
        submit("job-a");
        begin();
        long events = queue.lastSequence("job-a");
        assertThat(runs.claim("job-a", 1).state()).isEqualTo(JobState.RUNNING);
        assertThat(queue.lastSequence("job-a")).isEqualTo(events);
        report(1, "one", "two");
        report(1, "one", "two");
        report(2, "two", "three");
        assertThat(said()).containsExactly("one", "two", "three");
    }

    @Test
    void aNewServerKeepsTheWorkersThatAreThere() {
        submit("job-a");
        begin();
        report(1, "one");
        restart();
        runs.turn();
        report(1, "one", "two");
        assertThat(said()).containsExactly("one", "two");
        assertThat(queue.get("job-a").runs().counted()).isEqualTo(1);
        restart();
        now += LATE.toNanos();
        runs.turn();
        assertThat(queue.get("job-a").state()).isEqualTo(JobState.QUEUED);
    }

    @Test
    void aNewServerTakesBackWhatNobodyRuns() {
        submit("job-a");
        begin();
        workers.last().alive = false;
        restart();
        assertThat(queue.get("job-a").state()).isEqualTo(JobState.QUEUED);
        assertThat(queue.get("job-a").runs().counted()).isEqualTo(1);
    }

    @Test
    void aStartThatTheServerDidNotOutliveDoesNotCount() {
        submit("job-a");
        runs.turn();
        restart();
        assertThat(queue.get("job-a").state()).isEqualTo(JobState.QUEUED);
        assertThat(queue.get("job-a").runs()).isEqualTo(new Runs(0, 1, "", Duration.ZERO));
        assertThatThrownBy(() -> runs.claim("job-a", 1)).isInstanceOf(AttemptOver.class);
    }

    @Test
    void aCancelledJobWhoseWorkerIsLostIsCancelled() {
        submit("job-a");
        begin();
        queue.cancel("job-a", "why");
        workers.last().alive = false;
        runs.turn();
        assertThat(queue.get("job-a").state()).isEqualTo(JobState.CANCELLED);
        assertThat(queue.get("job-a").reason()).isEqualTo("why");
    }

    @Test
    void aWorkerThatStopsUnaskedHasLostItsJob() {
        submit("job-a");
        begin();
        assertThat(runs.finish("job-a", 1, new Outcome.Stopped()).state()).isEqualTo(JobState.QUEUED);
        assertThat(queue.get("job-a").runs().counted()).isEqualTo(1);
    }

    @Test
    void aWorkerThatDoesNotEndAfterItsJobIsKilled() {
        submit("job-a");
        begin();
        runs.finish("job-a", 1, new Outcome.Succeeded(Opaque.EMPTY, Opaque.EMPTY));
        runs.turn();
        assertThat(workers.last().killed).isZero();
        now += LATE.toNanos();
        runs.turn();
        assertThat(workers.last().killed).isEqualTo(1);
        assertThat(queue.get("job-a").state()).isEqualTo(JobState.SUCCEEDED);
    }

    @Test
    void whatIsKeptOfAJobGoesWhenItIsFinalAndItsProcessGone() {
        submit("job-a");
        begin();
        runs.finish("job-a", 1, new Outcome.Succeeded(Opaque.EMPTY, Opaque.EMPTY));
        runs.turn();
        assertThat(cleaned).isEmpty();
        workers.last().alive = false;
        runs.turn();
        assertThat(cleaned).containsExactly("job-a");
        submit("job-b");
        queue.cancel("job-b", "why");
        queue.delete("job-b");
        submit("job-b");
        runs.turn();
        assertThat(cleaned).containsExactly("job-a", "job-b");
        workers.last().alive = false;
        runs.turn();
        assertThat(cleaned).hasSize(2);
    }

    @Test
    void aServerThatStopsHasItsJobsHandedOver() throws Exception {
        submit("job-a");
        begin();
        Thread worker = new Thread(() -> {
            while (runs.report("job-a", 1, 1, List.of()) != Order.HAND_OVER) {
                Thread.onSpinWait();
            }
            runs.finish("job-a", 1, new Outcome.Stopped());
            workers.last().alive = false;
        });
        worker.start();
        runs.drain(Duration.ofSeconds(10));
        worker.join();
        assertThat(queue.get("job-a").state()).isEqualTo(JobState.QUEUED);
        assertThat(queue.get("job-a").runs().counted()).isZero();
        assertThat(workers.started).hasSize(1);
    }

    @Test
    void aServerThatStopsKillsWhatDoesNotHandOver() {
        submit("job-a");
        begin();
        submit("job-b");
        runs.drain(Duration.ZERO);
        assertThat(workers.last().killed).isEqualTo(1);
        assertThat(queue.get("job-a").state()).isEqualTo(JobState.QUEUED);
        assertThat(queue.get("job-a").runs().counted()).isZero();
    }

    @Test
    void aServerThatStopsTakesBackAJobThatIsStarting() {
        submit("job-a");
        runs.turn();
        runs.drain(Duration.ofSeconds(10));
        assertThat(workers.last().killed).isEqualTo(1);
        assertThat(queue.get("job-a").runs().counted()).isZero();
    }

    @Test
    void aRunningJobMakesACheckpointAndIsPausedUntilItIsResumed() {
        submit("job-a");
        submit("job-b");
        begin();
        assertThat(queue.pause("job-a", "why").state()).isEqualTo(JobState.PAUSING);
        assertThat(queue.pause("job-a", "again").reason()).isEqualTo("why");
        problem(JobException.Problem.JOB_NOT_PAUSED, () -> queue.resume("job-a"));
        assertThat(runs.report("job-a", 1, 1, List.of())).isEqualTo(Order.HAND_OVER);
        Job paused = runs.finish("job-a", 1, new Outcome.Stopped());
        assertThat(paused.state()).isEqualTo(JobState.PAUSED);
        assertThat(paused.runs().counted()).isZero();
        workers.last().alive = false;
        begin();
        assertThat(workers.last().jobId).isEqualTo("job-b");
        assertThat(cleaned).isEmpty();
        submit("job-c");
        Job resumed = queue.resume("job-a");
        assertThat(resumed.state()).isEqualTo(JobState.QUEUED);
        assertThat(resumed.position()).isEqualTo(1);
        workers.last().alive = false;
        runs.finish("job-b", 1, new Outcome.Succeeded(Opaque.EMPTY, Opaque.EMPTY));
        begin();
        assertThat(workers.last().jobId).isEqualTo("job-a");
        assertThat(workers.last().attempt).isEqualTo(2);
    }

    @Test
    void aJobThatDoesNotRunIsPausedAtOnce() {
        submit("job-a");
        submit("job-b");
        assertThat(queue.pause("job-b", "why").state()).isEqualTo(JobState.PAUSED);
        runs.turn();
        Job paused = queue.pause("job-a", "why");
        assertThat(paused.state()).isEqualTo(JobState.PAUSED);
        assertThat(paused.runs().counted()).isZero();
        runs.turn();
        assertThat(workers.last().killed).isEqualTo(1);
        runs.turn();
        assertThat(workers.started).hasSize(1);
        assertThat(queue.cancel("job-b", "enough").state()).isEqualTo(JobState.CANCELLED);
        problem(JobException.Problem.JOB_FINAL, () -> queue.resume("job-b"));
        problem(JobException.Problem.JOB_FINAL, () -> queue.pause("job-b", "why"));
    }

    @Test
    void aPauseStandsWhateverBecomesOfTheWorker() {
        submit("job-a");
        begin();
        queue.pause("job-a", "why");
        workers.last().alive = false;
        runs.turn();
        assertThat(queue.get("job-a").state()).isEqualTo(JobState.PAUSED);
        queue.resume("job-a");
        begin();
        queue.pause("job-a", "again");
        workers.last().alive = false;
        restart();
        assertThat(queue.get("job-a").state()).isEqualTo(JobState.PAUSED);
        assertThat(queue.get("job-a").reason()).isEqualTo("again");
    }

    @Test
    void aJobThatIsPausingCanBeCancelledAndNotTheOtherWayRound() {
        submit("job-a");
        begin();
        queue.pause("job-a", "why");
        assertThat(queue.cancel("job-a", "enough").state()).isEqualTo(JobState.CANCELLING);
        problem(JobException.Problem.JOB_NOT_PAUSABLE, () -> queue.pause("job-a", "why"));
        assertThat(runs.report("job-a", 1, 1, List.of())).isEqualTo(Order.STOP);
        assertThat(runs.finish("job-a", 1, new Outcome.Stopped()).state()).isEqualTo(JobState.CANCELLED);
    }

    private JobState done(int attempt) {
        return runs.finish("job-a", attempt, new Outcome.Succeeded(Opaque.EMPTY, Opaque.EMPTY))
                .state();
    }

    @Test
    void aJobIsDoneWhenWhatItHasMadeIsSafe_howeverLongThatTakes() {
        submit("job-a");
        begin();
        stage = Results.Stage.UNDER_WAY;
        for (int i = 0; i < 5; i++) {
            assertThat(done(1)).isEqualTo(JobState.RUNNING);
            now += JobRuns.LEASE.toNanos() - 1;
            runs.turn();
        }
        stage = Results.Stage.KEPT;
        assertThat(done(1)).isEqualTo(JobState.SUCCEEDED);
    }

    @Test
    void aJobWhoseResultsAreGivenUpIsQueuedAgain_atNoCost() {
        submit("job-a");
        begin();
        stage = Results.Stage.GIVEN_UP;
        assertThat(done(1)).isEqualTo(JobState.QUEUED);
        assertThat(queue.events("job-a", 1, 100))
                .extracting(JobEvent::body)
                .contains(new StateChanged(
                        JobState.RUNNING,
                        JobState.QUEUED,
                        "waiting: the object store did not take what it has made, it goes on",
                        null));
        assertThat(queue.get("job-a").runs().counted()).isZero();
        assertThatThrownBy(() -> done(1)).isInstanceOf(AttemptOver.class);
        workers.last().alive = false;
        begin();
        stage = Results.Stage.KEPT;
        assertThat(done(2)).isEqualTo(JobState.SUCCEEDED);
    }

    @Test
    void whoStopsAJobDoesNotWaitForItsResults() {
        stage = Results.Stage.UNDER_WAY;
        submit("job-a");
        begin();
        queue.pause("job-a", "why");
        assertThat(done(1)).isEqualTo(JobState.PAUSED);
        workers.last().alive = false;
        queue.resume("job-a");
        begin();
        queue.cancel("job-a", "why");
        assertThat(done(2)).isEqualTo(JobState.CANCELLED);
    }

    private static void problem(JobException.Problem problem, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        JobException.class, e -> assertThat(e.problem()).isEqualTo(problem));
    }

    /** The next job begins. */
    private void begin() {
        runs.turn();
        runs.claim(workers.last().jobId, workers.last().attempt);
    }

    private void restart() {
        changes = new JobChanges(store, clock);
        queue = new JobQueue(changes, UUID::randomUUID, 10);
        runs = runs();
    }

    private JobRuns runs() {
        return new JobRuns(changes, workers, () -> now, cleaned::add, job -> stage);
    }

    private void report(long first, String... words) {
        List<Report> reports = new ArrayList<>();
        for (String word : words) {
            reports.add(new Report(Instant.EPOCH, new Recorded(Kind.LOG, Opaque.of(word.getBytes()))));
        }
        runs.report("job-a", 1, first, reports);
    }

    private List<String> said() {
        return queue.events("job-a", 1, 100).stream()
                .map(JobEvent::body)
                .filter(Recorded.class::isInstance)
                .map(body -> new String(((Recorded) body).payload().bytes()))
                .toList();
    }

    private void submit(String id) {
        queue.submit(new Submission(id, "", Opaque.EMPTY, Placement.on("cpu"), "", ""));
    }
}
