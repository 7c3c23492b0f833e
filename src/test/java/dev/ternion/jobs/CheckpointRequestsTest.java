package dev.ternion.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ternion.jobs.JobException.Problem;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** Who asks for a checkpoint gets one that was made after it asked, or hears that there will be none. */
class CheckpointRequestsTest {
    private final JobSite site = new JobSite();

    private String wanted(int attempt) {
        site.runs.report("job-a", attempt, 1, List.of());
        return site.runs.checkpointWanted("job-a", attempt);
    }

    private void made(int attempt, String request, long step) {
        site.runs.checkpointed("job-a", attempt, new CheckpointAnswer(request, OptionalLong.of(step)));
    }

    private static JobException failure(CompletableFuture<Long> asked) {
        assertThat(asked).isCompletedExceptionally();
        try {
            asked.join();
            throw new AssertionError();
        } catch (CompletionException e) {
            return (JobException) e.getCause();
        }
    }

    private static void assertNotMade(CompletableFuture<Long> asked, String why) {
        assertThat(failure(asked).problem()).isEqualTo(Problem.CHECKPOINT_NOT_MADE);
        assertThat(failure(asked)).hasMessageContaining(why);
    }

    @Test
    void theWorkerIsToldUntilItAnswers_andWhoAsksMeanwhileWaitsForTheNextOne() {
        site.submit("job-a");
        site.begin();
        assertThat(wanted(1)).isEmpty();
        CompletableFuture<Long> first = site.queue.checkpoint("job-a");
        CompletableFuture<Long> with = site.queue.checkpoint("job-a");
        String request = wanted(1);
        assertThat(request).isNotEmpty();
        CompletableFuture<Long> later = site.queue.checkpoint("job-a");
        assertThat(wanted(1)).isEqualTo(request);
        assertThat(first).isNotDone();
        made(1, request, 7);
        assertThat(first).isCompletedWithValue(7L);
        assertThat(with).isCompletedWithValue(7L);
        assertThat(later).isNotDone();
        made(1, request, 7);
        String next = wanted(1);
        assertThat(next).isNotEmpty().isNotEqualTo(request);
        made(1, request, 7);
        assertThat(later).isNotDone();
        made(1, next, 9);
        assertThat(later).isCompletedWithValue(9L);
        assertThat(wanted(1)).isEmpty();
    }

    @Test
    void oneWhoGoesTakesNothingFromTheOthers() {
        site.submit("job-a");
        site.begin();
        CompletableFuture<Long> gone = site.queue.checkpoint("job-a");
        CompletableFuture<Long> stays = site.queue.checkpoint("job-a");
        gone.cancel(false);
        made(1, wanted(1), 3);
        assertThat(stays).isCompletedWithValue(3L);
    }

    @Test
    void aCheckpointThatCannotBeWrittenIsNone() {
        site.submit("job-a");
        site.begin();
        CompletableFuture<Long> asked = site.queue.checkpoint("job-a");
        site.runs.checkpointed("job-a", 1, new CheckpointAnswer(wanted(1), OptionalLong.empty()));
        assertNotMade(asked, "could not be written");
        assertThat(wanted(1)).isEmpty();
    }

    @Test
    void whenTheAttemptIsOverNobodyWaits_andItsWordCountsForNothing() {
        site.submit("job-a");
        FakeWorkers.Fake lost = site.begin();
        CompletableFuture<Long> told = site.queue.checkpoint("job-a");
        String request = wanted(1);
        CompletableFuture<Long> next = site.queue.checkpoint("job-a");
        lost.alive = false;
        site.begin();
        assertNotMade(told, "the job is QUEUED");
        assertNotMade(next, "the job is QUEUED");
        CompletableFuture<Long> anew = site.queue.checkpoint("job-a");
        made(1, request, 5);
        assertThat(wanted(2)).isNotEmpty().isNotEqualTo(request);
        made(1, wanted(2), 5);
        assertThat(anew).isNotDone();
        made(2, wanted(2), 6);
        assertThat(anew).isCompletedWithValue(6L);
    }

    @Test
    void aJobThatIsPausedMayAnswerWithItsLastCheckpoint_aFinishedOneDoesNot() {
        site.submit("job-a");
        FakeWorkers.Fake worker = site.begin();
        CompletableFuture<Long> paused = site.queue.checkpoint("job-a");
        String request = wanted(1);
        site.queue.pause("job-a", "paused");
        made(1, request, 4);
        site.finish(worker, new Outcome.Stopped());
        assertThat(paused).isCompletedWithValue(4L);
        site.queue.resume("job-a");
        worker = site.begin();
        CompletableFuture<Long> late = site.queue.checkpoint("job-a");
        site.finish(worker, new Outcome.Succeeded(Opaque.EMPTY, Opaque.EMPTY));
        assertNotMade(late, "the job is SUCCEEDED");
    }

    /** The one before knows nothing of it, its clients have lost their connection; the worker is still at it. */
    @Test
    void anotherServerIsNotAnsweredByWhatTheOneBeforeAskedFor() {
        site.submit("job-a");
        site.begin();
        site.queue.checkpoint("job-a");
        String before = wanted(1);
        site.restart();
        CompletableFuture<Long> asked = site.queue.checkpoint("job-a");
        made(1, before, 2);
        assertThat(wanted(1)).isNotEmpty().isNotEqualTo(before);
        made(1, before, 2);
        assertThat(asked).isNotDone();
        made(1, wanted(1), 3);
        assertThat(asked).isCompletedWithValue(3L);
    }

    @Test
    void onlyARunningJobIsAsked() {
        site.submit("job-a");
        assertRefused(Problem.JOB_NOT_RUNNING, "QUEUED");
        site.runs.turn();
        assertRefused(Problem.JOB_NOT_RUNNING, "STARTING");
        site.runs.claim("job-a", 1);
        site.queue.pause("job-a", "paused");
        assertRefused(Problem.JOB_NOT_RUNNING, "PAUSING");
        site.queue.cancel("job-a", "cancelled");
        assertRefused(Problem.JOB_NOT_RUNNING, "CANCELLING");
        site.runs.finish("job-a", 1, new Outcome.Stopped());
        assertRefused(Problem.JOB_FINAL, "CANCELLED");
    }

    private void assertRefused(Problem problem, String state) {
        assertThatThrownBy(() -> site.queue.checkpoint("job-a"))
                .isInstanceOfSatisfying(
                        JobException.class, e -> assertThat(e.problem()).isEqualTo(problem))
                .hasMessageContaining(state);
    }
}
