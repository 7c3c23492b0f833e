package dev.ternion.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Jobs with a longest time, which only time with a device uses up. */
class ExpiryTest {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration MS = Duration.ofMillis(1);

    private final JobSite site = new JobSite();

    @Test
    void aJobThatHasRunForItsLongestTimeExpires() {
        submit();
        FakeWorkers.Fake worker = site.begin();
        run(worker, HOUR.minus(MS));
        assertThat(state()).isEqualTo(JobState.RUNNING);
        run(worker, MS);
        Job expired = job();
        assertThat(expired.state()).isEqualTo(JobState.EXPIRED);
        assertThat(expired.ended()).isNotNull();
        assertThat(expired.error())
                .isEqualTo(new JobError(
                        "DEADLINE",
                        "it has run for 3600.0 s, its max_run_time is 3600.0 s; submit it again with a longer one",
                        Map.of("run_seconds", "3600.0", "max_run_seconds", "3600.0")));
        assertThat(site.queue.attempts("job-a").get(0).end()).isEqualTo(AttemptEntry.End.EXPIRED);
        assertThatThrownBy(() -> site.queue.cancel("job-a", "late"))
                .isInstanceOfSatisfying(
                        JobException.class, e -> assertThat(e.problem()).isEqualTo(JobException.Problem.JOB_FINAL));
    }

    @Test
    void itsWorkerIsToldToEndAndItsDeviceIsFreeWhenItHas() {
        submit();
        site.submit("job-b");
        FakeWorkers.Fake worker = site.begin();
        run(worker, HOUR);
        assertThatThrownBy(() -> site.runs.report("job-a", 1, 1, List.of())).isInstanceOf(AttemptOver.class);
        assertThatThrownBy(() -> site.runs.active("job-a", 1, HOUR)).isInstanceOf(AttemptOver.class);
        site.runs.turn();
        assertThat(worker.killed).isZero();
        assertThat(site.cleaned).isEmpty();
        site.pass(JobRuns.LEASE.plus(MS));
        site.runs.turn();
        assertThat(worker.killed).isEqualTo(1);
        site.runs.turn();
        assertThat(site.cleaned).containsExactly("job-a");
        assertThat(site.workers.last().jobId).isEqualTo("job-b");
    }

    @Test
    void timeInTheQueueAndInAPauseDoesNotCountAndDoesNotBeginAnew() {
        submit();
        site.pass(HOUR.multipliedBy(5));
        FakeWorkers.Fake worker = site.begin();
        run(worker, HOUR.minus(MS));
        site.queue.pause("job-a", "why");
        site.finish(worker, new Outcome.Stopped());
        assertThat(job().runs().active()).isEqualTo(HOUR.minus(MS));
        site.pass(HOUR.multipliedBy(5));
        site.queue.resume("job-a");
        site.runs.turn();
        FakeWorkers.Fake again = site.begin();
        assertThat(state()).isEqualTo(JobState.RUNNING);
        run(again, MS);
        assertThat(state()).isEqualTo(JobState.EXPIRED);
    }

    @Test
    void attemptsThatAreLostCount() {
        submit();
        for (int i = 1; i <= 3; i++) {
            FakeWorkers.Fake worker = site.begin();
            run(worker, Duration.ofMinutes(20).minus(MS));
            worker.alive = false;
        }
        site.runs.turn();
        assertThat(state()).isEqualTo(JobState.STARTING);
        site.pass(Duration.ofMillis(3));
        site.runs.turn();
        assertThat(state()).isEqualTo(JobState.EXPIRED);
        assertThat(site.workers.last().killed).isEqualTo(1);
    }

    @Test
    void aWorkerThatIsLostAtTheLimitIsNotReplaced() {
        submit();
        FakeWorkers.Fake worker = site.begin();
        site.runs.report("job-a", 1, 1, List.of());
        site.pass(HOUR);
        worker.alive = false;
        site.runs.turn();
        assertThat(state()).isEqualTo(JobState.EXPIRED);
        assertThat(site.workers.started).hasSize(1);
    }

    @Test
    void aJobThatIsPausingExpiresAndOneThatIsCancellingDoesNot() {
        submit();
        FakeWorkers.Fake worker = site.begin();
        run(worker, HOUR.minus(MS));
        site.queue.pause("job-a", "why");
        site.pass(MS);
        site.finish(worker, new Outcome.Stopped());
        assertThat(state()).isEqualTo(JobState.EXPIRED);
        site.runs.turn();
        site.queue.delete("job-a");

        submit();
        FakeWorkers.Fake other = site.begin();
        site.queue.cancel("job-a", "why");
        run(other, HOUR);
        assertThat(state()).isEqualTo(JobState.CANCELLING);
        site.finish(other, new Outcome.Stopped());
        assertThat(state()).isEqualTo(JobState.CANCELLED);
    }

    @Test
    void aJobThatFinishesFirstHasSucceeded() {
        submit();
        FakeWorkers.Fake worker = site.begin();
        site.pass(HOUR.multipliedBy(2));
        site.finish(worker, new Outcome.Succeeded(Opaque.EMPTY, Opaque.EMPTY));
        assertThat(state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(job().runs().active()).isEqualTo(HOUR.multipliedBy(2));
    }

    @Test
    void whatAKilledServerDidNotNoteIsToldByTheWorkerThatOutlivedIt() {
        submit();
        FakeWorkers.Fake worker = site.begin();
        site.pass(HOUR.dividedBy(2)); // the server is away
        site.restart();
        site.runs.turn();
        assertThat(state()).isEqualTo(JobState.RUNNING);
        site.runs.active("job-a", 1, HOUR.minus(MS));
        site.runs.active("job-a", 1, Duration.ofMinutes(1)); // what came late takes nothing back
        run(worker, Duration.ZERO);
        assertThat(state()).isEqualTo(JobState.RUNNING);
        run(worker, MS);
        assertThat(state()).isEqualTo(JobState.EXPIRED);
    }

    @Test
    void atMostTenSecondsAreLostWhenServerAndWorkerDie() {
        submit();
        FakeWorkers.Fake worker = site.begin();
        for (int i = 0; i < 100; i++) {
            run(worker, Duration.ofSeconds(1));
        }
        worker.alive = false;
        site.restart();
        assertThat(job().runs().active()).isBetween(Duration.ofSeconds(90), Duration.ofSeconds(100));
    }

    /** the limit is of the monotonic clock. */
    @Test
    void aClockThatIsSetExpiresNothing() {
        submit();
        FakeWorkers.Fake worker = site.begin();
        site.clock.advance(HOUR.multipliedBy(24));
        run(worker, MS);
        assertThat(state()).isEqualTo(JobState.RUNNING);
        site.clock.advance(HOUR.multipliedBy(-48));
        run(worker, HOUR);
        assertThat(state()).isEqualTo(JobState.EXPIRED);
    }

    private void submit() {
        site.submit("job-a", new Placement("cpu", 0, 0, HOUR));
    }

    /** Time passes in which the worker gives signs of life. */
    private void run(FakeWorkers.Fake worker, Duration time) {
        site.pass(time);
        site.runs.report(worker.jobId, worker.attempt, 1, List.of());
        site.runs.turn();
    }

    private Job job() {
        return site.store.find("job-a").orElseThrow();
    }

    private JobState state() {
        return job().state();
    }
}
