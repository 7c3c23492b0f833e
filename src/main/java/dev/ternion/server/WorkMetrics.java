package dev.ternion.server;

import dev.ternion.jobs.Job;
import dev.ternion.observe.Counter;
import dev.ternion.observe.Histogram;
import dev.ternion.observe.Metrics;
import dev.ternion.recipe.JobListener.Phase;
import dev.ternion.recipe.checkpoint.Origin;
import dev.ternion.telemetry.Work;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Steps, samples and checkpoints of all jobs since the server began, added up from what workers tell. What is told again is counted
 * once. No number is of one job.
 */
public final class WorkMetrics {
    /** Attempts whose last number is known: far more than run at a time. */
    static final int ATTEMPTS = 1000;

    private static final List<Phase> TRAININGS = List.of(Phase.TRAINING, Phase.INTERVENTION, Phase.FULL_QAT);
    private static final List<Origin> ORIGINS =
            List.of(Origin.PERIODIC, Origin.EVALUATION, Origin.FINAL, Origin.PREEMPT, Origin.MANUAL);
    private static final String MADE = "made";
    private static final String FAILED = "failed";

    private final Histogram stepSeconds;
    private final Counter samples;
    private final Histogram checkpointSeconds;
    private final Counter checkpoints;
    private final Map<String, Long> steps = new HashMap<>();

    private final Map<String, Heard> heard = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Heard> eldest) {
            return size() > ATTEMPTS;
        }
    };

    /**
     * What was heard last of the newest attempt at a job.
     *
     * @param uid of the job; empty when an earlier server gave it to its worker
     */
    private record Heard(String uid, int attempt, long number) {}

    /** Adds them. */
    public WorkMetrics(Metrics metrics) {
        stepSeconds = metrics.histogram(
                "ternion_step_seconds",
                "Time of optimizer steps, by phase of the training.",
                bounds(Work.STEP_BOUNDS),
                "phase");
        samples = metrics.counter(
                "ternion_samples_total", "Examples that steps trained on, by phase of the training.", "phase");
        metrics.gauges(
                "ternion_intervention_ratio",
                "Share of all steps of students that were done in the phase.",
                "phase",
                this::ratios);
        checkpointSeconds = metrics.histogram(
                "ternion_checkpoint_seconds",
                "Time to write a checkpoint and bring it to the disk.",
                bounds(Work.CHECKPOINT_BOUNDS));
        checkpoints = metrics.counter(
                "ternion_checkpoints_total",
                "Checkpoints, by why they were wanted and what became of them.",
                "origin",
                "result");
        for (Phase phase : TRAININGS) {
            stepSeconds.add(Collections.nCopies(Work.STEP_BOUNDS.size() + 1, 0L), 0, phase.name());
            samples.add(0, phase.name());
        }
        for (Origin origin : ORIGINS) {
            checkpoints.add(0, origin.name(), MADE);
            checkpoints.add(0, origin.name(), FAILED);
        }
    }

    /** A worker has taken an attempt at a job, whose id may have been that of another job before. May be repeated. */
    synchronized void claimed(Job job) {
        int attempt = job.runs().newest();
        Heard last = heard.get(job.id());
        if (last == null || last.attempt() != attempt || !last.uid().equals(job.uid())) {
            heard.put(job.id(), new Heard(job.uid(), attempt, 0));
        }
    }

    /** A worker tells what it has done in its attempt. May be repeated. */
    synchronized void done(String job, int attempt, Work work) {
        Heard last = heard.getOrDefault(job, new Heard("", attempt, 0));
        if (attempt == last.attempt() && work.number() > last.number()) {
            heard.put(job, new Heard(last.uid(), attempt, work.number()));
            count(work);
        }
    }

    private void count(Work work) {
        work.steps().forEach((phase, done) -> {
            stepSeconds.add(done.times().counts(), done.times().seconds(), phase);
            samples.add(done.samples(), phase);
            steps.merge(phase, done.times().count(), Long::sum);
        });
        if (!work.checkpoints().isEmpty()) {
            checkpointSeconds.add(
                    work.checkpointTimes().counts(), work.checkpointTimes().seconds());
        }
        work.checkpoints().forEach((origin, done) -> {
            checkpoints.add(done.made(), origin, MADE);
            checkpoints.add(done.failed(), origin, FAILED);
        });
    }

    /** Empty before the first step of a student. */
    private synchronized Map<String, Double> ratios() {
        long intervened = steps.getOrDefault(Phase.INTERVENTION.name(), 0L);
        long plain = steps.getOrDefault(Phase.FULL_QAT.name(), 0L);
        double all = intervened + plain;
        return all == 0
                ? Map.of()
                : Map.of(Phase.INTERVENTION.name(), intervened / all, Phase.FULL_QAT.name(), plain / all);
    }

    private static double[] bounds(List<Double> bounds) {
        return bounds.stream().mapToDouble(Double::doubleValue).toArray();
    }
}
