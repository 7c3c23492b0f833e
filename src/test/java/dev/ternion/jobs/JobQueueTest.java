package dev.ternion.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.ternion.jobs.JobEvent.Kind;
import dev.ternion.jobs.JobEvent.StateChanged;
import dev.ternion.jobs.JobException.Problem;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

public class JobQueueTest {
    private static final String REQUEST = "11111111-2222-3333-4444-555555555555";

    private final JobStore store = store(new InMemoryJobStore(5, 100));
    private final Clock clock = Clock.fixed(Instant.parse("2030-01-01T00:00:00Z"), ZoneOffset.UTC);
    private final FakeWorkers workers = new FakeWorkers();
    private final JobChanges changes = new JobChanges(store, clock);
    private final JobQueue queue = new JobQueue(changes, UUID::randomUUID, 3);
    private final JobRuns runs = new JobRuns(changes, workers, () -> 0, id -> {});

    /** The store of the queue, on top of this one. */
    protected JobStore store(JobStore inMemory) {
        return inMemory;
    }

    @Test
    void jobsRunInTheOrderTheyCameOneAtATime() throws Exception {
        submit("job-a");
        submit("job-b");
        submit("job-c");
        assertThat(queue.get("job-a").reason()).isEqualTo("waiting for device cpu: next to run");
        assertThat(queue.get("job-c").reason()).isEqualTo("waiting for device cpu: 2 jobs before this one");

        assertThat(claim().id()).isEqualTo("job-a");
        assertThat(queue.get("job-b").reason()).isEqualTo("waiting for device cpu: 1 job before this one");
        assertThat(queue.get("job-b").position()).isEqualTo(1);
        assertThat(queue.get("job-a").position()).isZero();

        succeed("job-a");
        assertThat(claim().id()).isEqualTo("job-b");
    }

    @Test
    void jobsOfAHigherPriorityRunFirst() {
        submit("job-a", 0);
        submit("job-b", -5);
        submit("job-c", 7);
        assertThat(queue.get("job-b").position()).isEqualTo(3);
        assertThat(queue.get("job-c").reason()).isEqualTo("waiting for device cpu: next to run");
        assertThat(queue.list(Set.of(), Long.MAX_VALUE, 10))
                .extracting(Job::id, Job::position)
                .containsExactly(tuple("job-c", 1), tuple("job-b", 3), tuple("job-a", 2));
        assertThat(claim().id()).isEqualTo("job-c");
        assertThat(queue.get("job-b").reason()).isEqualTo("waiting for device cpu: 2 jobs before this one");
        queue.pause("job-a", "why");
        queue.resume("job-a");
        succeed("job-c");
        submit("job-d", 7);
        assertThat(claim().id()).isEqualTo("job-d");
        succeed("job-d");
        assertThat(claim().id()).isEqualTo("job-a");
    }

    private void submit(String id, int priority) {
        queue.submit(new Submission(id, "", Opaque.EMPTY, new Placement("cpu", 0, priority, null), "", ""));
    }

    @Test
    void aListHasPlacesToo() {
        submit("job-a");
        submit("job-b");
        submit("job-c");
        queue.pause("job-b", "why");
        assertThat(queue.list(Set.of(), Long.MAX_VALUE, 10))
                .extracting(Job::id, Job::position)
                .containsExactly(tuple("job-c", 2), tuple("job-b", 0), tuple("job-a", 1));
        claim();
        List<Job> page = queue.list(Set.of(JobState.QUEUED, JobState.RUNNING), 3, 1);
        assertThat(page).extracting(Job::id, Job::position).containsExactly(tuple("job-a", 0));
        assertThat(queue.list(Set.of(JobState.QUEUED), Long.MAX_VALUE, 1).get(0).reason())
                .isEqualTo("waiting for device cpu: 1 job before this one");
    }

    @Test
    void aFullQueueSaysHowManyWaitAndHowManyMay() {
        submit("job-a");
        submit("job-b");
        submit("job-c");
        assertThatThrownBy(() -> submit("job-d"))
                .hasMessage("the queue is full: 3 jobs wait, at most 3 may; try again when one has finished, or cancel"
                        + " one")
                .isInstanceOfSatisfying(JobException.class, e -> {
                    assertThat(e.problem()).isEqualTo(Problem.QUEUE_FULL);
                    assertThat(e.details()).isEqualTo(Map.of("waiting", "3", "limit", "3"));
                });
        assertThat(queue.list(Set.of(), Long.MAX_VALUE, 10)).hasSize(3);
    }

    @Test
    void theSameRequestGivesTheSameJobEvenWhenItHasEnded() throws Exception {
        Job first = queue.submit(submission("job-a", REQUEST, "body"));
        assertThat(queue.submit(submission("job-a", REQUEST, "body")).uid()).isEqualTo(first.uid());
        claim();
        succeed("job-a");
        assertThat(queue.submit(submission("job-a", REQUEST, "body")).state()).isEqualTo(JobState.SUCCEEDED);
        problem(Problem.REQUEST_ID_REUSED, () -> queue.submit(submission("job-a", REQUEST, "other body")));
        assertThat(queue.list(Set.of(), Long.MAX_VALUE, 10)).hasSize(1);
    }

    @Test
    void aRequestWhoseJobWasDeletedMakesNoOther() {
        queue.submit(submission("job-a", REQUEST, "body"));
        queue.cancel("job-a", "why");
        queue.delete("job-a");
        problem(Problem.REQUEST_JOB_GONE, () -> queue.submit(submission("job-a", REQUEST, "body")));
        problem(Problem.REQUEST_ID_REUSED, () -> queue.submit(submission("job-a", REQUEST, "other body")));
        assertThat(queue.list(Set.of(), Long.MAX_VALUE, 10)).isEmpty();
    }

    @Test
    void aWaitingJobIsCancelledAtOnceAndLeavesTheQueue() throws Exception {
        submit("job-a");
        submit("job-b");
        assertThat(queue.cancel("job-a", "why").state()).isEqualTo(JobState.CANCELLED);
        assertThat(queue.get("job-a").ended()).isNotNull();
        assertThat(claim().id()).isEqualTo("job-b");
    }

    @Test
    void aRunningJobIsCancellingUntilItStopsOrFinishes() throws Exception {
        submit("job-a");
        claim();
        assertThat(order()).isEqualTo(Order.GO_ON);
        assertThat(queue.cancel("job-a", "why").state()).isEqualTo(JobState.CANCELLING);
        assertThat(queue.cancel("job-a", "again").reason()).isEqualTo("why");
        assertThat(order()).isEqualTo(Order.STOP);
        assertThat(finish("job-a", new Outcome.Stopped()).state()).isEqualTo(JobState.CANCELLED);

        submit("job-b");
        claim();
        queue.cancel("job-b", "why");
        assertThat(succeed("job-b").state()).isEqualTo(JobState.SUCCEEDED);
        problem(Problem.JOB_FINAL, () -> queue.cancel("job-b", "late"));
    }

    @Test
    void aJobThatIsStartingIsCancelledAtOnceWithItsWorker() throws Exception {
        submit("job-a");
        submit("job-b");
        runs.turn();
        assertThat(queue.get("job-a").state()).isEqualTo(JobState.STARTING);
        FakeWorkers.Fake worker = workers.last();
        assertThat(queue.cancel("job-a", "why").state()).isEqualTo(JobState.CANCELLED);
        assertThatThrownBy(() -> runs.claim("job-a", worker.attempt)).isInstanceOf(AttemptOver.class);
        runs.turn();
        assertThat(worker.killed).isEqualTo(1);
        assertThat(claim().id()).isEqualTo("job-b");
    }

    @Test
    void onlyFinalJobsAreDeleted() {
        submit("job-a");
        problem(Problem.JOB_NOT_FINAL, () -> queue.delete("job-a"));
        queue.cancel("job-a", "why");
        queue.delete("job-a");
        problem(Problem.JOB_NOT_FOUND, () -> queue.get("job-a"));
        problem(Problem.JOB_NOT_FOUND, () -> queue.delete("job-a"));
        submit("job-a");
    }

    @Test
    void theReportCanBeReadOnceItIsThere() throws Exception {
        submit("job-a");
        claim();
        problem(Problem.REPORT_NOT_READY, () -> queue.report("job-a"));
        finish("job-a", new Outcome.Succeeded(Opaque.of(new byte[] {7}), Opaque.EMPTY));
        assertThat(queue.report("job-a")).isEqualTo(Opaque.of(new byte[] {7}));
    }

    @Test
    void everyChangeIsAnEventAndWakesTheWatchers() throws Exception {
        AtomicInteger signals = new AtomicInteger();
        submit("job-a");
        JobQueue.Watch watch = queue.watch("job-a", signals::incrementAndGet);
        claim();
        runs.report(
                "job-a",
                1,
                1,
                List.of(new Report(clock.instant(), new JobEvent.Recorded(Kind.PROGRESS, Opaque.EMPTY))));
        finish("job-a", new Outcome.Failed(new JobError("LOSS_NOT_FINITE", "at step 3", Map.of("step", "3"))));
        assertThat(signals).hasValue(4);
        watch.close();
        watch.close();
        assertThat(queue.watches()).isZero();
        queue.delete("job-a");
        assertThat(signals).hasValue(4);
    }

    @Test
    void stateEventsTellFromToAndWhy() throws Exception {
        submit("job-a");
        claim();
        JobError error = new JobError("LOSS_NOT_FINITE", "at step 3", Map.of("step", "3"));
        finish("job-a", new Outcome.Failed(error));
        assertThat(queue.events("job-a", 1, 10))
                .extracting(JobEvent::body)
                .containsExactly(
                        new StateChanged(null, JobState.QUEUED, "waiting for device cpu: next to run", null),
                        new StateChanged(JobState.QUEUED, JobState.STARTING, "starting a worker", null),
                        new StateChanged(JobState.STARTING, JobState.RUNNING, "running", null),
                        new StateChanged(JobState.RUNNING, JobState.FAILED, "LOSS_NOT_FINITE: at step 3", error));
    }

    @Test
    void aFullStoreForgetsTheOldestFinalJob() throws Exception {
        for (String id : new String[] {"job-a", "job-b", "job-c", "job-d", "job-e", "job-f"}) {
            submit(id);
            claim();
            succeed(id);
        }
        assertThat(queue.list(Set.of(), Long.MAX_VALUE, 10))
                .extracting(Job::id)
                .containsExactly("job-f", "job-e", "job-d", "job-c", "job-b");
    }

    @Test
    void waitingJobsOfTheStoreAreTakenUpByANewQueue() throws Exception {
        submit("job-a");
        submit("job-b");
        JobChanges again = new JobChanges(store, clock);
        JobQueue restarted = new JobQueue(again, UUID::randomUUID, 3);
        new JobRuns(again, workers, () -> 0, id -> {}).turn();
        assertThat(restarted.get("job-a").state()).isEqualTo(JobState.STARTING);
        assertThat(restarted.get("job-b").position()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"abc", "Job-a", "1job", "job-", "job_a", "../job", "a b c d"})
    void badIdsAreRefused(String id) {
        problem(Problem.ID_INVALID, () -> submit(id));
    }

    @Test
    void aTakenIdIsRefused() {
        submit("job-a");
        problem(Problem.JOB_EXISTS, () -> submit("job-a"));
    }

    @Test
    void anAbsentIdIsMadeFromTheUid() {
        Job job = submit("");
        assertThat(job.id()).isEqualTo("job-" + job.uid().replace("-", "").substring(0, 12));
        assertThat(JobIds.isValid(job.id())).isTrue();
    }

    /** The next job begins. */
    private Job claim() {
        runs.turn();
        return runs.claim(workers.last().jobId, workers.last().attempt);
    }

    private Order order() {
        return runs.report(workers.last().jobId, workers.last().attempt, 1, List.of());
    }

    private Job succeed(String id) {
        return finish(id, new Outcome.Succeeded(Opaque.EMPTY, Opaque.EMPTY));
    }

    /** The running job ends, and its process. */
    private Job finish(String id, Outcome outcome) {
        Job ended = runs.finish(id, workers.last().attempt, outcome);
        workers.last().alive = false;
        return ended;
    }

    private Job submit(String id) {
        return queue.submit(submission(id, "", "body"));
    }

    private static Submission submission(String id, String requestId, String fingerprint) {
        return new Submission(id, "", Opaque.EMPTY, Placement.on("cpu"), requestId, fingerprint);
    }

    private static void problem(Problem problem, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        JobException.class, e -> assertThat(e.problem()).isEqualTo(problem));
    }
}
