package dev.ternion.recipe.checkpoint;

import java.util.Map;

/**
 * What the evaluations of a training have told so far.
 *
 * @param step steps done at the last evaluation; 0 before the first
 * @param metrics deployed metrics of the last evaluation
 * @param best best value of the primary metric; negative infinity before the first evaluation
 * @param bestStep step of {@code best}
 * @param stepsToGoal steps until the primary metric first reached the goal; -1 if it has not
 * @param seconds wall seconds of this training, evaluations included
 */
public record History(
        int step, Map<String, Double> metrics, double best, int bestStep, int stepsToGoal, double seconds) {
    /** Of a training that begins. */
    public static final History EMPTY = new History(0, Map.of(), Double.NEGATIVE_INFINITY, 0, -1, 0);

    public History {
        metrics = Map.copyOf(metrics);
    }

    /**
     * With an evaluation more.
     *
     * @param done steps done
     * @param deployed its metrics
     * @param primary name of the metric that leads
     * @param goal value of it that counts as reached
     */
    public History evaluated(int done, Map<String, Double> deployed, String primary, double goal) {
        double value = deployed.get(primary);
        boolean better = value > best;
        return new History(
                done,
                deployed,
                better ? value : best,
                better ? done : bestStep,
                stepsToGoal < 0 && value >= goal ? done : stepsToGoal,
                seconds);
    }

    /** After more time. */
    public History after(double moreSeconds) {
        return new History(step, metrics, best, bestStep, stepsToGoal, seconds + moreSeconds);
    }
}
