package dev.ternion.jobs;

import static dev.ternion.jobs.JobState.CANCELLED;
import static dev.ternion.jobs.JobState.CANCELLING;
import static dev.ternion.jobs.JobState.EXPIRED;
import static dev.ternion.jobs.JobState.FAILED;
import static dev.ternion.jobs.JobState.PAUSED;
import static dev.ternion.jobs.JobState.PAUSING;
import static dev.ternion.jobs.JobState.QUEUED;
import static dev.ternion.jobs.JobState.RUNNING;
import static dev.ternion.jobs.JobState.STARTING;
import static dev.ternion.jobs.JobState.SUCCEEDED;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The whole state table: every pair, allowed or not. */
class JobStateTest {
    private static final Map<JobState, Set<JobState>> ALLOWED = Map.of(
            QUEUED, Set.of(STARTING, PAUSED, CANCELLED),
            STARTING, Set.of(QUEUED, RUNNING, PAUSED, FAILED, CANCELLED, EXPIRED),
            RUNNING, Set.of(QUEUED, PAUSING, CANCELLING, SUCCEEDED, FAILED, EXPIRED),
            PAUSING, Set.of(PAUSED, CANCELLING, SUCCEEDED, FAILED, EXPIRED),
            PAUSED, Set.of(QUEUED, CANCELLED),
            CANCELLING, Set.of(CANCELLED, SUCCEEDED, FAILED),
            SUCCEEDED, Set.of(),
            FAILED, Set.of(),
            CANCELLED, Set.of(),
            EXPIRED, Set.of());

    @Test
    void everyPairIsAsInTheTable() {
        for (JobState from : JobState.values()) {
            for (JobState to : JobState.values()) {
                assertThat(from.mayBecome(to))
                        .as("%s to %s", from, to)
                        .isEqualTo(ALLOWED.get(from).contains(to));
            }
        }
    }

    @Test
    void finalStatesAreThoseThatLeadNowhere() {
        for (JobState state : JobState.values()) {
            assertThat(state.isFinal())
                    .as(state.name())
                    .isEqualTo(ALLOWED.get(state).isEmpty());
        }
    }
}
