package dev.ternion.worker;

import dev.ternion.api.EventMapper;
import dev.ternion.jobs.JobEvent;
import dev.ternion.jobs.Opaque;
import dev.ternion.recipe.JobListener;
import dev.ternion.recipe.checkpoint.Moment;
import dev.ternion.telemetry.Severity;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Reports what a running job says: as events of the job, progress at most ten times a second; every step as points of series; phases and
 * evaluations as lines of its log; steps and checkpoints as work. Used by one thread.
 */
final class EventWriter implements JobListener {
    private static final Duration PROGRESS_INTERVAL = Duration.ofMillis(100);

    private final Reporter reporter;
    private final Clock clock;
    private final Instant start;
    private final SeriesWriter series;
    private final StepClock steps;
    private StepProgress pending;
    private Instant lastWritten = Instant.EPOCH;
    private Instant firstStepTime;
    private long firstStepsDone;

    EventWriter(Reporter reporter, Clock clock) {
        this.reporter = reporter;
        this.clock = clock;
        this.start = clock.instant();
        this.series = new SeriesWriter(reporter);
        this.steps = new StepClock(start);
    }

    @Override
    public void phase(Phase next, String arm, long seed, String message) {
        flush();
        steps.began(arm, seed, clock.instant());
        write(JobEvent.Kind.PHASE, EventMapper.phase(next, arm, seed, message));
        reporter.log(Severity.INFO, next + where(arm, seed) + ": " + message);
    }

    @Override
    public void step(StepProgress progress) {
        Instant now = clock.instant();
        if (firstStepTime == null) {
            firstStepTime = now;
            firstStepsDone = progress.stepsDone();
        }
        pending = progress;
        series.step(progress, now);
        double seconds = steps.stepped(progress.arm(), progress.seed(), now);
        reporter.stepped(progress.phase().name(), progress.samples(), seconds);
        boolean due = !now.isBefore(lastWritten.plus(PROGRESS_INTERVAL));
        if (due || progress.stepsDone() == progress.stepsTotal()) {
            flush();
        }
    }

    @Override
    public void evaluation(Evaluation evaluation) {
        flush();
        write(JobEvent.Kind.EVALUATION, EventMapper.evaluation(evaluation));
        Instant now = clock.instant();
        series.evaluation(evaluation, now);
        steps.interrupted(now);
        reporter.log(
                Severity.INFO,
                "evaluated after step " + evaluation.step() + where(evaluation.arm(), evaluation.seed()) + ": "
                        + metrics(evaluation.deployed())
                        + (evaluation.intervened().isEmpty()
                                ? ""
                                : "; with the teacher's signals: " + metrics(evaluation.intervened())));
    }

    @Override
    public void settle() {
        flush();
        reporter.settle();
    }

    @Override
    public void checkpoint(Moment moment, boolean made, double seconds) {
        steps.interrupted(clock.instant());
        reporter.checkpointed(moment.origin().name(), made, seconds);
    }

    private static String where(String arm, long seed) {
        return (arm.isEmpty() ? "" : ", arm " + arm) + (seed == 0 ? "" : ", seed " + seed);
    }

    private static String metrics(Map<String, Double> metrics) {
        return new TreeMap<>(metrics)
                .entrySet().stream()
                        .map(metric -> String.format(Locale.ROOT, "%s %.4f", metric.getKey(), metric.getValue()))
                        .collect(Collectors.joining(", "));
    }

    /** Writes progress that was held back. */
    void flush() {
        if (pending == null) {
            return;
        }
        Instant now = clock.instant();
        double elapsed = seconds(start, now);
        write(JobEvent.Kind.PROGRESS, EventMapper.step(pending, pending.phase(), eta(pending, now), elapsed, now));
        pending = null;
        lastWritten = now;
    }

    void write(JobEvent.Kind kind, dev.ternion.api.v1.JobEvent event) {
        reporter.say(kind, Opaque.of(event.toByteArray()));
    }

    /** Steps left times the mean seconds of a step since the first; evaluations between steps count. */
    private OptionalDouble eta(StepProgress progress, Instant now) {
        long measured = progress.stepsDone() - firstStepsDone;
        if (measured <= 0) {
            return OptionalDouble.empty();
        }
        double perStep = seconds(firstStepTime, now) / measured;
        return OptionalDouble.of(perStep * Math.max(0, progress.stepsTotal() - progress.stepsDone()));
    }

    private static double seconds(Instant from, Instant to) {
        return Duration.between(from, to).toNanos() / 1e9;
    }
}
