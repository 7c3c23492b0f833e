package dev.ternion.api;

import dev.ternion.intervention.Schedule;
import dev.ternion.recipe.Budget;
import dev.ternion.recipe.DataSpec;
import dev.ternion.recipe.JobSpec;
import dev.ternion.recipe.finetune.FineTuneSpec;
import dev.ternion.recipe.qat.ArmSpec;
import dev.ternion.recipe.qat.QatSpec;
import dev.ternion.training.OptimizerSpec;
import java.util.List;
import java.util.Objects;

/**
 * What a job that begins at a checkpoint of another may not change: what is in the checkpoint, and what is over. May change: steps, evaluations,
 * rates and other numbers of optimizers, interventions that are not over, where it runs and what it makes.
 */
public final class ForkCheck {
    private final int step;
    private final long rows;

    private ForkCheck(int step, long rows) {
        this.step = step;
        this.rows = rows;
    }

    /**
     * Compares two specs.
     *
     * @param source of the job that made the checkpoint, with the seed of the checkpoint alone
     * @param fork of the job that begins at it
     * @param step steps done in the training of the checkpoint
     * @param rows rows of the train split; 0 if they are not known, then the number of steps is not looked at
     * @return all that is wrong, paths from {@code spec}
     */
    public static List<Violation> problems(JobSpec source, JobSpec fork, int step, long rows) {
        Fields fields = Fields.root("spec");
        ForkCheck check = new ForkCheck(step, rows);
        if (source instanceof FineTuneSpec from && fork instanceof FineTuneSpec to) {
            check.fineTune(from, to, fields.in("fine_tune"));
        } else if (source instanceof QatSpec from && fork instanceof QatSpec to) {
            check.qat(from, to, fields.in("qat"));
        } else {
            fields.problem(
                    "", "is of another kind than that of the job that made the checkpoint, wanted the same kind");
        }
        return fields.violations();
    }

    private void fineTune(FineTuneSpec from, FineTuneSpec to, Fields fields) {
        same("model", from.model(), to.model(), fields);
        same("pooling", from.pooling(), to.pooling(), fields);
        same("dropout", from.dropout(), to.dropout(), fields);
        same("seed", from.seed(), to.seed(), fields);
        data(from.data(), to.data(), fields.in("data"));
        budget(from.budget(), to.budget(), to.data(), fields.in("budget"));
        optimizer("optimizer", from.optimizer(), to.optimizer(), fields);
    }

    private void qat(QatSpec from, QatSpec to, Fields fields) {
        same("teacher", from.teacher(), to.teacher(), fields);
        same("quant", from.quant(), to.quant(), fields);
        same("dropout", from.dropout(), to.dropout(), fields);
        same("seeds", from.seeds(), to.seeds(), fields);
        same("precision", from.precision(), to.precision(), fields);
        data(from.data(), to.data(), fields.in("data"));
        budget(from.budget(), to.budget(), to.data(), fields.in("budget"));
        if (from.arms().size() != to.arms().size()) {
            fields.problem(
                    "arms",
                    "has " + to.arms().size() + " arms, wanted the "
                            + from.arms().size() + " of the checkpoint");
            return;
        }
        for (int i = 0; i < from.arms().size(); i++) {
            arm(from.arms().get(i), to.arms().get(i), fields.in("arms", i));
        }
    }

    private void arm(ArmSpec from, ArmSpec to, Fields fields) {
        same("name", from.name(), to.name(), fields);
        same("role", from.role(), to.role(), fields);
        same("losses", from.losses(), to.losses(), fields);
        optimizer("optimizer", from.optimizer(), to.optimizer(), fields);
        Schedule was = from.schedule();
        Schedule becomes = to.schedule();
        if (was == null || becomes == null || step > was.steps()) {
            same("schedule", was, becomes, fields);
        } else if (becomes.steps() < step) {
            fields.in("schedule")
                    .problem("steps", "is " + becomes.steps() + ", wanted at least " + step + ", the steps done");
        }
        optimizer("intervention_optimizer", from.interventionOptimizer(), to.interventionOptimizer(), fields);
    }

    private static void optimizer(String field, OptimizerSpec from, OptimizerSpec to, Fields fields) {
        if (from != null && to != null) {
            same("kind", from.kind(), to.kind(), fields.in(field));
        }
    }

    private static void data(DataSpec from, DataSpec to, Fields fields) {
        same("dataset", from.dataset(), to.dataset(), fields);
        same("max_length", from.maxLength(), to.maxLength(), fields);
        same("padding", from.padding(), to.padding(), fields);
        same("train_rows", from.trainRows(), to.trainRows(), fields);
        same("eval_rows", from.evalRows(), to.evalRows(), fields);
    }

    private void budget(Budget from, Budget to, DataSpec data, Fields fields) {
        same("batch_size", from.batchSize(), to.batchSize(), fields);
        long used = data.trainRows() > 0 ? Math.min(data.trainRows(), rows) : rows;
        if (rows == 0) {
            return;
        }
        int total = to.totalSteps((int) Math.min(Integer.MAX_VALUE, used));
        if (total < step) {
            fields.problem("steps", "makes " + total + " steps, wanted at least " + step + ", the steps done");
        }
    }

    private static void same(String field, Object from, Object to, Fields fields) {
        if (!Objects.equals(from, to)) {
            fields.problem(field, "is " + to + ", wanted " + from + ", as in the job that made the checkpoint");
        }
    }
}
