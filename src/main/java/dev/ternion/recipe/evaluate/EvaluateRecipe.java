package dev.ternion.recipe.evaluate;

import dev.ternion.backend.Device;
import dev.ternion.model.bert.BertModel;
import dev.ternion.recipe.JobFailure;
import dev.ternion.recipe.JobListener;
import dev.ternion.recipe.ModelFolder;
import dev.ternion.recipe.RecipeContext;
import dev.ternion.recipe.Scores;
import dev.ternion.recipe.TaskData;
import dev.ternion.recipe.report.JobReport;
import dev.ternion.training.Precision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Metrics of one model on the evaluation split. */
public final class EvaluateRecipe {
    private final RecipeContext context;
    private final EvaluateSpec spec;
    private final JobListener listener;

    public EvaluateRecipe(RecipeContext context, EvaluateSpec spec, JobListener listener) {
        this.context = context;
        this.spec = spec;
        this.listener = listener;
    }

    /** Runs the evaluation. */
    public JobReport run() throws IOException, JobFailure {
        Path folder = context.workspace().model(spec.model());
        listener.phase(JobListener.Phase.LOADING, "", 0, "reading model and data");
        TaskData data = TaskData.load(context.workspace(), spec.data(), folder, false);
        long start = context.nanos().getAsLong();
        try (Device device = context.open(spec);
                BertModel model = ModelFolder.load(device, folder)) {
            listener.phase(JobListener.Phase.EVALUATING, "", 0, "evaluating " + spec.model());
            Map<String, Double> metrics =
                    Scores.of(data.task(), data.evaluator(spec.batchSize()).deployed(model, 0));
            listener.evaluation(new JobListener.Evaluation("", 0, 0, metrics, Map.of()));
            double seconds = (context.nanos().getAsLong() - start) * 1e-9;
            String primary = Scores.primary(data.task());
            JobReport.Run run = new JobReport.Run(
                    "", "", 0, metrics, metrics.get(primary), 0, -1, 0, seconds, 0, 0, spec.model(), "");
            return new JobReport(
                    "EVALUATE",
                    primary,
                    Map.of(),
                    List.of(run),
                    List.of(),
                    List.of(),
                    List.of(),
                    RecipeContext.execution(device, Precision.FP32));
        }
    }
}
