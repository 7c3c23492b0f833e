package dev.ternion.recipe;

import dev.ternion.recipe.checkpoint.Checkpoints;
import dev.ternion.recipe.evaluate.EvaluateRecipe;
import dev.ternion.recipe.evaluate.EvaluateSpec;
import dev.ternion.recipe.finetune.FineTuneRecipe;
import dev.ternion.recipe.finetune.FineTuneSpec;
import dev.ternion.recipe.qat.QatRecipe;
import dev.ternion.recipe.qat.QatSpec;
import dev.ternion.recipe.report.JobReport;

/** Runs a job of any kind. */
public final class Recipes {
    private Recipes() {}

    /**
     * Runs a validated job to its end on the calling thread, from where an earlier run of it stopped.
     *
     * @param checkpoints of this job; it ends in the same bytes with them and without
     * @throws JobFailure when it cannot go on; no model is left half written
     * @throws JobCancelled when the token said so
     */
    public static JobReport run(
            RecipeContext context, JobSpec spec, Checkpoints checkpoints, JobListener listener, CancelToken cancel)
            throws JobFailure, JobCancelled {
        return Failures.named(context.workspace(), () -> {
            if (spec instanceof FineTuneSpec fineTune) {
                return new FineTuneRecipe(context, fineTune, checkpoints, listener, cancel).run();
            }
            if (spec instanceof QatSpec qat) {
                return new QatRecipe(context, qat, checkpoints, listener, cancel).run();
            }
            if (spec instanceof EvaluateSpec evaluate) {
                return new EvaluateRecipe(context, evaluate, listener).run();
            }
            throw new IllegalArgumentException(
                    "no recipe for " + spec.getClass().getSimpleName());
        });
    }
}
