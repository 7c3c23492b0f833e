package dev.ternion.recipe.checkpoint;

import dev.ternion.recipe.report.JobReport;
import dev.ternion.training.TrainingState;
import java.util.List;

/**
 * A job between two steps: all that it needs to go on.
 *
 * @param finished trainings that are done and stored, in the order of the report
 * @param running trainings of the current seed, in the order of the job's arms, all after the same step
 */
public record Snapshot(List<Finished> finished, List<Running> running) {
    public Snapshot {
        finished = List.copyOf(finished);
        running = List.copyOf(running);
    }

    /** Whether an evaluation after this very step gave the highest primary metric of all trainings so far, or one as high. */
    boolean isBest() {
        double highest = Double.NEGATIVE_INFINITY;
        double now = Double.NEGATIVE_INFINITY;
        for (Finished done : finished) {
            highest = Math.max(highest, done.run().best());
        }
        for (Running training : running) {
            History history = training.history();
            highest = Math.max(highest, history.best());
            if (history.step() > 0 && history.bestStep() == training.state().step()) {
                now = Math.max(now, history.best());
            }
        }
        return now > Double.NEGATIVE_INFINITY && now >= highest;
    }

    /**
     * A training that is done.
     *
     * @param predictions of its last evaluation [N], see {@code Predictions}
     */
    public record Finished(JobReport.Run run, float[] predictions) {}

    /**
     * A training under way.
     *
     * @param predictions of its last evaluation [N]; empty before the first
     */
    public record Running(TrainingState state, History history, float[] predictions) {}
}
