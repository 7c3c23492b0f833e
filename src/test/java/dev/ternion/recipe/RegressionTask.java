package dev.ternion.recipe;

import dev.ternion.data.Dataset;
import dev.ternion.data.DatasetFolder;
import dev.ternion.data.Example;
import dev.ternion.data.Padding;
import dev.ternion.data.TaskInfo;
import dev.ternion.intervention.Schedule;
import dev.ternion.quant.QuantSpec;
import dev.ternion.recipe.finetune.FineTuneSpec;
import dev.ternion.recipe.qat.QatSpec;
import dev.ternion.recipe.report.JobReport;
import dev.ternion.training.Precision;
import java.util.List;

/** Pairs of sentences with a number, from fine-tuning to a student. */
final class RegressionTask {
    private RegressionTask() {}

    static JobReport run(TinyWorkspace tiny) throws Exception {
        List<Example> train = pairs(20, 0), eval = pairs(12, 500);
        Dataset dataset = Dataset.of(TaskInfo.regression(), train, eval, List.of(), List.of());
        DatasetFolder.write(dataset, tiny.workspace.dataset("numbers"));
        DataSpec data = new DataSpec("numbers", 20, Padding.MASKED, 0, 0);
        FineTuneSpec base = TinyWorkspace.fineTune("encoder", "number-teacher", 6);
        tiny.run(new FineTuneSpec(
                base.model(),
                data,
                FineTuneSpec.Pooling.MEAN,
                base.budget(),
                base.optimizer(),
                base.dropout(),
                base.seed(),
                base.outputModel(),
                base.device(),
                0));
        return tiny.run(new QatSpec(
                "number-teacher",
                data,
                QuantSpec.ternary(),
                new Budget(8, 0, 4, 0),
                List.of(TinyWorkspace.intervention(Schedule.gradual(3))),
                List.of(1L),
                0.1,
                "number-student",
                "cpu",
                Precision.FP32,
                0));
    }

    private static List<Example> pairs(int count, int first) {
        return TinyWorkspace.sentences(count, first, "bad", "odd", "good").stream()
                .map(e -> new Example(e.textA(), "the film was odd", e.label() / 2, e.row()))
                .toList();
    }
}
