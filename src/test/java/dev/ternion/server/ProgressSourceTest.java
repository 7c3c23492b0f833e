package dev.ternion.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.api.v1.JobEvent;
import dev.ternion.api.v1.StepProgress;
import dev.ternion.api.v1.WatchJobsResponse;
import dev.ternion.jobs.FakeWorkers;
import dev.ternion.jobs.InMemoryJobStore;
import dev.ternion.jobs.JobChanges;
import dev.ternion.jobs.JobEvent.Kind;
import dev.ternion.jobs.JobEvent.Recorded;
import dev.ternion.jobs.JobQueue;
import dev.ternion.jobs.JobRuns;
import dev.ternion.jobs.JobState;
import dev.ternion.jobs.Opaque;
import dev.ternion.jobs.Outcome;
import dev.ternion.jobs.Placement;
import dev.ternion.jobs.Report;
import dev.ternion.jobs.Submission;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Progress in a watch of all jobs, with a clock that the test moves. */
class ProgressSourceTest {
    private final JobChanges changes = new JobChanges(new InMemoryJobStore(10, 100), Clock.systemUTC());
    private final JobQueue queue = new JobQueue(changes, UUID::randomUUID, 10);
    private final JobRuns runs = new JobRuns(changes, new FakeWorkers(), () -> 0, id -> {});
    private long now = Long.MAX_VALUE; // the clock may wrap around
    private int reports;

    private ProgressSource source(Set<JobState> states) {
        return new ProgressSource(AllJobsSource.open(queue.changeLog(), states, ""), queue, states, () -> now);
    }

    private void submit(String id, String device) {
        queue.submit(new Submission(id, "", Opaque.EMPTY, Placement.on(device), "", ""));
        runs.turn();
        runs.claim(id, 1);
    }

    private void step(String id, int step) {
        JobEvent event = JobEvent.newBuilder()
                .setProgress(StepProgress.newBuilder().setStepsDone(step))
                .build();
        runs.report(
                id,
                1,
                ++reports,
                List.of(new Report(Instant.EPOCH, new Recorded(Kind.PROGRESS, Opaque.of(event.toByteArray())))));
    }

    private void pass(long millis) {
        now += millis * 1_000_000;
    }

    /** Takes what there is, but at most so many messages. */
    private static List<String> take(ProgressSource source, int most) {
        List<String> taken = new ArrayList<>();
        for (Iterator<WatchJobsResponse> read = source.read(); read.hasNext(); read = source.read()) {
            while (read.hasNext()) {
                if (taken.size() == most) {
                    return taken;
                }
                WatchJobsResponse message = read.next();
                source.sent(message);
                taken.add(text(message));
            }
        }
        return taken;
    }

    private static String text(WatchJobsResponse message) {
        String event = switch (message.getEventCase()) {
            case JOB -> message.getJob().getState().name().substring("STATE_".length());
            case PROGRESS -> "step " + message.getProgress().getProgress().getStepsDone();
            default -> message.getEventCase().name();
        };
        return event + " " + message.getRevision();
    }

    @Test
    void theNewestProgressOnceASecondBehindTheChanges_underTheRevisionBefore() {
        submit("job-a", "cpu");
        ProgressSource source = source(Set.of());
        step("job-a", 1);
        step("job-a", 2);
        assertThat(take(source, 10)).containsExactly("SYNC_BEGIN 0", "RUNNING 3", "SYNC_END 3", "step 2 3");
        step("job-a", 3);
        pass(999);
        assertThat(take(source, 10)).isEmpty();
        pass(1);
        assertThat(take(source, 10)).containsExactly("step 3 3");
        pass(1000);
        assertThat(take(source, 10)).as("told before").isEmpty();
        step("job-a", 4);
        queue.pause("job-a", "why");
        pass(1000);
        assertThat(take(source, 10)).as("no longer running").containsExactly("PAUSING 4");
        runs.finish("job-a", 1, new Outcome.Stopped());
        assertThat(take(source, 10)).containsExactly("PAUSED 5");
        assertThat(source.bookmark().getRevision()).isEqualTo(5);
    }

    @Test
    void whatAClientDoesNotTakeIsReplacedByWhatIsNewer() {
        submit("job-a", "cpu");
        submit("job-b", "cuda:0");
        reports = 0;
        step("job-a", 1);
        reports = 0;
        step("job-b", 10);
        ProgressSource source = source(Set.of());
        assertThat(take(source, 5)).endsWith("SYNC_END 6", "step 10 6");
        reports = 1;
        step("job-a", 2);
        assertThat(take(source, 10)).as("in this second").isEmpty();
        pass(1000);
        assertThat(take(source, 10)).containsExactly("step 2 6");
    }

    @Test
    void aFilterWithoutRunningJobsWantsNoProgress() {
        submit("job-a", "cpu");
        step("job-a", 1);
        assertThat(take(source(Set.of(JobState.QUEUED)), 10)).containsExactly("SYNC_BEGIN 0", "SYNC_END 3");
        assertThat(take(source(Set.of(JobState.RUNNING)), 10)).endsWith("step 1 3");
    }
}
