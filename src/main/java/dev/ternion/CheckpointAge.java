package dev.ternion;

import dev.ternion.api.InvalidRequest;
import dev.ternion.api.SpecMapper;
import dev.ternion.jobs.Job;
import dev.ternion.jobs.JobState;
import dev.ternion.jobs.JobStore;
import dev.ternion.observe.Metrics;
import dev.ternion.recipe.evaluate.EvaluateSpec;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How much of its work the job of each device would lose if its worker were killed now: seconds since its newest checkpoint, or since it
 * began to run if that is later. Jobs that make no checkpoints have none.
 */
final class CheckpointAge {
    private static final Logger LOG = LoggerFactory.getLogger(CheckpointAge.class);
    private static final Set<JobState> TRAINING = Set.of(JobState.RUNNING, JobState.PAUSING);

    private final JobStore store;
    private final Newest newest;
    private final Clock clock;

    /** When the newest checkpoint of a job was made. */
    interface Newest {
        Optional<Instant> of(String job) throws IOException;
    }

    CheckpointAge(JobStore store, Newest newest, Clock clock) {
        this.store = store;
        this.newest = newest;
        this.clock = clock;
    }

    void addTo(Metrics metrics) {
        metrics.gauges(
                "ternion_checkpoint_age_seconds",
                "Time since the newest checkpoint of the device's running job, or since it began to run.",
                "device",
                this::seconds);
    }

    private Map<String, Double> seconds() {
        Map<String, Double> ages = new LinkedHashMap<>();
        for (Job job : store.list(TRAINING, Long.MAX_VALUE, Metrics.MAX_SERIES)) {
            if (makesCheckpoints(job)) {
                seconds(job).ifPresent(age -> ages.merge(job.placement().device(), age, Math::max));
            }
        }
        return ages;
    }

    private Optional<Double> seconds(Job job) {
        Instant since = job.started();
        try {
            Optional<Instant> made = newest.of(job.id());
            if (made.isPresent() && made.get().isAfter(since)) {
                since = made.get();
            }
        } catch (IOException e) {
            LOG.warn("checkpoints of job {} cannot be read", job.id(), e);
            return Optional.empty();
        }
        return Optional.of(Math.max(0, Duration.between(since, clock.instant()).toNanos() / 1e9));
    }

    private static boolean makesCheckpoints(Job job) {
        try {
            return !(SpecMapper.decode(job.spec().bytes()) instanceof EvaluateSpec);
        } catch (InvalidRequest | IllegalArgumentException e) {
            LOG.debug("the spec of job {} cannot be read", job.id(), e);
            return false;
        }
    }
}
