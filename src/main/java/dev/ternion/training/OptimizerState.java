package dev.ternion.training;

import java.util.Map;

/**
 * What an optimizer needs to go on as if it had never stopped.
 *
 * @param step steps done
 * @param updates updates that a parameter has seen, by name, of those that have been updated: BertAdam's schedule and AdamW's
 *     bias correction read it
 * @param moments first and second moment of the same parameters, named {@code NAME.exp_avg} and {@code NAME.exp_avg_sq}
 */
public record OptimizerState(int step, Map<String, Integer> updates, Map<String, TensorValues> moments) {
    public OptimizerState {
        updates = Map.copyOf(updates);
        moments = Map.copyOf(moments);
    }

    static String first(String parameter) {
        return parameter + ".exp_avg";
    }

    static String second(String parameter) {
        return parameter + ".exp_avg_sq";
    }
}
