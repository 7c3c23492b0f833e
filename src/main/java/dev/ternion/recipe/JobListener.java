package dev.ternion.recipe;

import dev.ternion.recipe.checkpoint.Moment;
import java.util.Map;

/** What a running job tells the world. Called from the thread that runs the job; must return quickly. */
public interface JobListener {
    /** What the job does now; {@code arm} is empty outside arms. */
    void phase(Phase phase, String arm, long seed, String message);

    /** One optimizer step is done. */
    void step(StepProgress progress);

    /** One evaluation is done. */
    void evaluation(Evaluation evaluation);

    /**
     * What was told so far is wanted where it outlives the job's process: called before a checkpoint, behind which it would not be told
     * again. May wait a moment.
     */
    default void settle() {}

    /**
     * A checkpoint was made, or could not be written.
     *
     * @param moment where the job is
     * @param seconds that it took
     */
    default void checkpoint(Moment moment, boolean made, double seconds) {}

    /** Sub-phases of a running job. */
    enum Phase {
        LOADING,
        TRAINING,
        INTERVENTION,
        FULL_QAT,
        EVALUATING,
        SAVING
    }

    /**
     * Progress of a training.
     *
     * @param arm name of the arm; empty for a fine-tuning
     * @param seed seed of the training
     * @param step steps done in this training, from 1
     * @param stepsDone steps done in the whole job
     * @param stepsTotal steps of the whole job
     * @param samples examples of this step's batch
     * @param learningRate rate of this step
     * @param losses loss parts by name; "total" is their weighted sum
     * @param site site replaced by the teacher in this step; empty for none
     */
    record StepProgress(
            String arm,
            long seed,
            int step,
            long stepsDone,
            long stepsTotal,
            int samples,
            double learningRate,
            Map<String, Double> losses,
            String site) {
        public StepProgress {
            losses = Map.copyOf(losses);
        }

        /** What the training of this step does. */
        public Phase phase() {
            if (arm.isEmpty()) {
                return Phase.TRAINING;
            }
            return site.isEmpty() ? Phase.FULL_QAT : Phase.INTERVENTION;
        }
    }

    /**
     * Result of an evaluation.
     *
     * @param step steps done in this training
     * @param deployed metrics of the model alone, as it would be deployed
     * @param intervened metrics with the teacher's signals in place; empty outside the intervention phase
     */
    record Evaluation(String arm, long seed, int step, Map<String, Double> deployed, Map<String, Double> intervened) {
        public Evaluation {
            deployed = Map.copyOf(deployed);
            intervened = Map.copyOf(intervened);
        }
    }
}
