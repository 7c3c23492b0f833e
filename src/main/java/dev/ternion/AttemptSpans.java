package dev.ternion;

import dev.ternion.observe.Traces;
import dev.ternion.recipe.JobListener;
import dev.ternion.recipe.checkpoint.Moment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The spans inside an attempt: a phase lasts until the next one of the same training; a checkpoint is told with its time when it is done,
 * an evaluation without, so that it is an event of its phase. Arms, whose names are the user's, are numbers in the order of their
 * coming. Used by the thread that runs the job.
 */
final class AttemptSpans implements JobListener {
    /** Phases beside which those of other arms go on. */
    private static final Set<Phase> TRAININGS = Set.of(Phase.TRAINING, Phase.INTERVENTION, Phase.FULL_QAT);

    private final JobListener listener;
    private final Traces.Span attempt;
    private final Map<String, Integer> arms = new LinkedHashMap<>();
    private final Map<Training, Open> open = new LinkedHashMap<>();
    private Traces.Span newest;
    private long steps;

    private record Training(String arm, long seed) {}

    private record Open(Phase phase, Traces.Span span) {}

    /** @param listener is told all of it */
    AttemptSpans(JobListener listener, Traces.Span attempt) {
        this.listener = listener;
        this.attempt = attempt;
        this.newest = attempt;
    }

    /** Steps that were done in this attempt. */
    long steps() {
        return steps;
    }

    /** Ends all that is open. */
    void end() {
        open.values().forEach(phase -> phase.span().end());
        open.clear();
    }

    @Override
    public void phase(Phase phase, String arm, long seed, String message) {
        Training training = new Training(arm, seed);
        endBefore(training, phase);
        newest = attempt.child("phase " + phase);
        if (!arm.isEmpty()) {
            newest.set("ternion.arm", arms.computeIfAbsent(arm, its -> arms.size() + 1));
        }
        open.put(training, new Open(phase, newest));
        listener.phase(phase, arm, seed, message);
    }

    private void endBefore(Training next, Phase phase) {
        for (Map.Entry<Training, Open> before : new ArrayList<>(open.entrySet())) {
            Training training = before.getKey();
            boolean beside = training.seed() == next.seed()
                    && !training.equals(next)
                    && TRAININGS.contains(phase)
                    && TRAININGS.contains(before.getValue().phase());
            if (!beside) {
                before.getValue().span().end();
                open.remove(training);
            }
        }
    }

    @Override
    public void step(StepProgress progress) {
        steps++;
        listener.step(progress);
    }

    @Override
    public void evaluation(Evaluation evaluation) {
        Open phase = open.get(new Training(evaluation.arm(), evaluation.seed()));
        (phase == null ? newest : phase.span()).event("evaluation", evaluation.step());
        listener.evaluation(evaluation);
    }

    @Override
    public void settle() {
        listener.settle();
    }

    @Override
    public void checkpoint(Moment moment, boolean made, double seconds) {
        Traces.Span span = attempt.child("checkpoint", Duration.ofNanos(Math.round(seconds * 1e9)));
        span.set("ternion.step", moment.jobStep());
        span.end();
        listener.checkpoint(moment, made, seconds);
    }
}
