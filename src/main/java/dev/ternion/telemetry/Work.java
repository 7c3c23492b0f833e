package dev.ternion.telemetry;

import java.util.List;
import java.util.Map;

/**
 * What a worker has done since it told so last: counts that a server adds up. They are not kept with the job.
 *
 * @param number in the attempt, from 1: what is told again has the same one. 0: nothing was done
 * @param steps by phase of the training
 * @param checkpointTimes of the checkpoints that were made, by {@link #CHECKPOINT_BOUNDS}
 * @param checkpoints by origin
 */
public record Work(
        long number, Map<String, Steps> steps, Timings checkpointTimes, Map<String, Checkpoints> checkpoints) {
    /** Seconds of steps that are told apart. */
    public static final List<Double> STEP_BOUNDS =
            List.of(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0);

    /** Seconds of checkpoints that are told apart. */
    public static final List<Double> CHECKPOINT_BOUNDS =
            List.of(0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0);

    /** Nothing. */
    public static final Work NOTHING = new Work(0, Map.of(), new Timings(List.of(), 0), Map.of());

    public Work {
        steps = Map.copyOf(steps);
        checkpoints = Map.copyOf(checkpoints);
    }

    /**
     * Optimizer steps.
     *
     * @param samples examples that they trained on
     * @param times by {@link #STEP_BOUNDS}
     */
    public record Steps(long samples, Timings times) {}

    /**
     * Checkpoints.
     *
     * @param made how many
     * @param failed how many could not be written
     */
    public record Checkpoints(long made, long failed) {}

    /** Whether nothing was done. */
    public boolean isNothing() {
        return number == 0;
    }
}
