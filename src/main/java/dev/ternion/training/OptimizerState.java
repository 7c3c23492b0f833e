package dev.ternion.training;

import java.util.Map;

/**
 * What an optimizer needs to go on as if it had never stopped.
 *
 * @param step steps done
 * @param moments of the parameters that have been updated, by name
 */
public record OptimizerState(int step, Map<String, Moments> moments) {
    public OptimizerState {
        moments = Map.copyOf(moments);
    }

    /**
     * Of one parameter.
     *
     * @param updates updates it has seen: BertAdam's schedule and AdamW's bias correction read it
     * @param first first moment, in the order of the parameter's elements
     * @param second second moment
     */
    public record Moments(int updates, float[] first, float[] second) {}
}
