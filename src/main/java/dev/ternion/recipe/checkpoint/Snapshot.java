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
