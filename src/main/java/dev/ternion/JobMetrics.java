package dev.ternion;

import dev.ternion.jobs.Job;
import dev.ternion.jobs.JobEvent;
import dev.ternion.jobs.JobState;
import dev.ternion.jobs.JobStore;
import dev.ternion.observe.Histogram;
import dev.ternion.observe.Metrics;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The queue in numbers: jobs by state, how many wait, how long they have waited. No number is of one job. */
final class JobMetrics {
    private static final double[] SECONDS = {0.1, 1, 5, 15, 60, 300, 900, 3600, 14_400, 86_400};

    private final JobStore store;
    private final Histogram wait;
    /** When a job that had run before began to wait again. At most as many as may wait. */
    private final Map<String, Instant> waitingAgain = new ConcurrentHashMap<>();

    JobMetrics(Metrics metrics, JobStore store) {
        this.store = store;
        metrics.gauges("ternion_job_state", "Jobs in each state.", "state", this::states);
        metrics.gauge("ternion_queue_depth", "Jobs that wait.", () -> store.count(JobState.QUEUED));
        wait = metrics.histogram(
                "ternion_queue_wait_seconds",
                "Time that jobs waited for a device, also when they waited again.",
                SECONDS);
    }

    /** To be told of every change of state that the store has made. */
    void changed(Job job, JobEvent.StateChanged change, Instant time) {
        if (change.to() == JobState.QUEUED) {
            waitingAgain.put(job.id(), time);
        } else if (change.from() == JobState.QUEUED) {
            Instant since = waitingAgain.remove(job.id());
            if (change.to() == JobState.STARTING) {
                Duration waited = Duration.between(since == null ? job.created() : since, time);
                wait.observe(Math.max(0, waited.toNanos() / 1e9));
            }
        }
    }

    private Map<String, Double> states() {
        Map<String, Double> states = new LinkedHashMap<>();
        for (JobState state : JobState.values()) {
            states.put(state.name(), (double) store.count(state));
        }
        return states;
    }
}
