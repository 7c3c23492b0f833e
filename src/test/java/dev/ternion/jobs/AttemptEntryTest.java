package dev.ternion.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ternion.jobs.AttemptEntry.End;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is remembered of attempts. */
class AttemptEntryTest {
    private final JobSite site = new JobSite();

    @Test
    void anAttemptHasItsTimesAndHowItEnded() {
        site.submit("job-a");
        assertThat(site.queue.attempts("job-a")).isEmpty();
        Instant begin = site.clock.instant();
        FakeWorkers.Fake lost = site.begin();
        assertThat(site.queue.attempts("job-a")).containsExactly(new AttemptEntry(1, begin, null, null, ""));
        site.pass(Duration.ofSeconds(3));
        lost.alive = false;
        FakeWorkers.Fake worker = site.begin();
        site.pass(Duration.ofSeconds(4));
        site.finish(worker, new Outcome.Succeeded(Opaque.EMPTY, Opaque.EMPTY));
        Instant second = begin.plusSeconds(3);
        assertThat(site.queue.attempts("job-a"))
                .containsExactly(
                        new AttemptEntry(2, second, begin.plusSeconds(7), End.SUCCEEDED, "done"),
                        new AttemptEntry(
                                1, begin, second, End.LOST, "waiting: its worker ended without a word, it goes on"));
    }

    @Test
    void aLossIsToldFromAHandOverAPauseAndAFailure() {
        site.submit("job-a");
        site.begin();
        site.runs.drain(Duration.ZERO);
        site.restart();
        FakeWorkers.Fake paused = site.begin();
        site.queue.pause("job-a", "why");
        site.finish(paused, new Outcome.Stopped());
        site.queue.resume("job-a");
        site.finish(site.begin(), new Outcome.Failed(new JobError("DATA_READ", "row 3", Map.of())));
        assertThat(ends("job-a")).containsExactly(End.FAILED, End.PAUSED, End.HANDED_OVER);
    }

    @Test
    void aLossThatFailsTheJobIsALoss() {
        site.submit("job-a");
        for (int i = 0; i < JobRuns.MAX_ATTEMPTS; i++) {
            site.begin().alive = false;
        }
        site.runs.turn();
        assertThat(site.queue.get("job-a").state()).isEqualTo(JobState.FAILED);
        assertThat(ends("job-a")).hasSize(JobRuns.MAX_ATTEMPTS).containsOnly(End.LOST);
    }

    @Test
    void anAttemptThatIsCancellingIsUnderWay() {
        site.submit("job-a");
        FakeWorkers.Fake worker = site.begin();
        site.queue.cancel("job-a", "why");
        assertThat(site.queue.attempts("job-a").get(0).end()).isNull();
        site.finish(worker, new Outcome.Stopped());
        assertThat(ends("job-a")).containsExactly(End.CANCELLED);
        site.queue.delete("job-a");
        assertThatThrownBy(() -> site.queue.attempts("job-a")).isInstanceOf(JobException.class);
    }

    @Test
    void theNewestHundredAreRemembered() {
        site.submit("job-a");
        for (int i = 1; i <= JobStore.ATTEMPTS_KEPT + 2; i++) {
            site.runs.turn();
            site.queue.pause("job-a", "pause " + i);
            site.queue.resume("job-a");
            site.runs.turn();
        }
        List<AttemptEntry> kept = site.queue.attempts("job-a");
        assertThat(kept)
                .extracting(AttemptEntry::number)
                .startsWith(102, 101)
                .endsWith(3)
                .hasSize(100);
        assertThat(kept.get(0).reason()).isEqualTo("pause 102");
    }

    private List<End> ends(String id) {
        return site.queue.attempts(id).stream().map(AttemptEntry::end).toList();
    }
}
