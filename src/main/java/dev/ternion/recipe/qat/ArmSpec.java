package dev.ternion.recipe.qat;

import dev.ternion.intervention.Schedule;
import dev.ternion.training.LossWeights;
import dev.ternion.training.OptimizerSpec;

/**
 * One training of a QAT job. All arms see the same batches, seeds and number of steps.
 *
 * @param name unique in the job
 * @param role CONTROL has no schedule, INTERVENTION has one, ABLATION may have one
 * @param schedule the intervention phase (step 1); null for none. The rest of the budget is plain QAT (step 2)
 * @param losses weights in both phases
 * @param interventionOptimizer optimizer of step 1; null when there is no schedule
 * @param optimizer optimizer of step 2, fresh moments and counters
 */
public record ArmSpec(
        String name,
        Role role,
        Schedule schedule,
        LossWeights losses,
        OptimizerSpec interventionOptimizer,
        OptimizerSpec optimizer) {

    /** What an arm is compared as. */
    public enum Role {
        CONTROL,
        INTERVENTION,
        ABLATION
    }
}
