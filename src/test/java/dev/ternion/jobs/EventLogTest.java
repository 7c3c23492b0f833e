package dev.ternion.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.jobs.JobEvent.Kind;
import dev.ternion.jobs.JobEvent.Recorded;
import dev.ternion.jobs.JobEvent.StateChanged;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventLogTest {
    private static final Instant NOW = Instant.EPOCH;

    @Test
    void numbersRiseFromOneWithoutGaps() {
        EventLog log = new EventLog(100);
        for (int i = 1; i <= 10; i++) {
            assertThat(log.append(recorded(Kind.PROGRESS), NOW)).isEqualTo(i);
        }
        assertThat(log.from(1, 100))
                .extracting(JobEvent::sequence)
                .containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L);
        assertThat(log.from(9, 100)).extracting(JobEvent::sequence).containsExactly(9L, 10L);
        assertThat(log.from(1, 3)).extracting(JobEvent::sequence).containsExactly(1L, 2L, 3L);
        assertThat(log.from(11, 3)).isEmpty();
    }

    @Test
    void fullLogGivesUpProgressAndKeepsStatesResultsAndTheNewest() {
        EventLog log = new EventLog(50);
        log.append(new StateChanged(null, JobState.QUEUED, "", null), NOW);
        log.append(new StateChanged(JobState.QUEUED, JobState.RUNNING, "", null), NOW);
        for (int i = 0; i < 10_000; i++) {
            log.append(recorded(i % 1000 == 500 ? Kind.EVALUATION : Kind.PROGRESS), NOW);
        }
        log.append(new StateChanged(JobState.RUNNING, JobState.SUCCEEDED, "", null), NOW);

        List<JobEvent> kept = log.from(1, Integer.MAX_VALUE);
        assertThat(kept).hasSizeLessThanOrEqualTo(50).isSortedAccordingTo(Comparator.comparingLong(JobEvent::sequence));
        assertThat(kept).filteredOn(e -> e.body() instanceof StateChanged).hasSize(3);
        assertThat(kept).filteredOn(e -> isKind(e, Kind.EVALUATION)).hasSize(10);
        assertThat(log.latest(Kind.PROGRESS).orElseThrow().sequence()).isEqualTo(10_002);
        assertThat(log.last()).isEqualTo(10_003);
    }

    @Test
    void logsGoBeforePhasesAndEvaluations() {
        EventLog log = new EventLog(20);
        for (int i = 0; i < 8; i++) {
            log.append(recorded(Kind.EVALUATION), NOW);
        }
        for (int i = 0; i < 500; i++) {
            log.append(recorded(Kind.LOG), NOW);
        }
        assertThat(log.from(1, 1000))
                .hasSizeLessThanOrEqualTo(20)
                .filteredOn(e -> isKind(e, Kind.EVALUATION))
                .hasSize(8);
    }

    private static boolean isKind(JobEvent event, Kind kind) {
        return event.body() instanceof Recorded recorded && recorded.kind() == kind;
    }

    private static Recorded recorded(Kind kind) {
        return new Recorded(kind, Opaque.EMPTY);
    }
}
