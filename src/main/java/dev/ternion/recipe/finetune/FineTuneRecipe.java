package dev.ternion.recipe.finetune;

import dev.ternion.backend.Device;
import dev.ternion.data.BatchOrder;
import dev.ternion.model.bert.BertConfig;
import dev.ternion.model.bert.BertModel;
import dev.ternion.recipe.CancelToken;
import dev.ternion.recipe.JobCancelled;
import dev.ternion.recipe.JobFailure;
import dev.ternion.recipe.JobListener;
import dev.ternion.recipe.ModelCard;
import dev.ternion.recipe.ModelFolder;
import dev.ternion.recipe.RecipeContext;
import dev.ternion.recipe.Scores;
import dev.ternion.recipe.TaskData;
import dev.ternion.recipe.report.JobReport;
import dev.ternion.training.BatchBuffers;
import dev.ternion.training.Evaluator;
import dev.ternion.training.FineTuning;
import dev.ternion.training.LateReports;
import dev.ternion.training.PendingStep;
import dev.ternion.training.Precision;
import dev.ternion.training.RecordedSteps;
import dev.ternion.training.StepInputs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Fine-tunes an encoder on labels and stores the model of the last step. */
public final class FineTuneRecipe {
    private final RecipeContext context;
    private final FineTuneSpec spec;
    private final JobListener listener;
    private final CancelToken cancel;

    public FineTuneRecipe(RecipeContext context, FineTuneSpec spec, JobListener listener, CancelToken cancel) {
        this.context = context;
        this.spec = spec;
        this.listener = listener;
        this.cancel = cancel;
    }

    /** Runs the training. */
    public JobReport run() throws IOException, JobFailure, JobCancelled {
        Path source = context.workspace().model(spec.model());
        listener.phase(JobListener.Phase.LOADING, "", spec.seed(), "reading model and data");
        TaskData data = TaskData.load(context.workspace(), spec.data(), source, true);
        BertConfig encoder = ModelFolder.config(source);
        BertConfig.Pooling pooling = spec.pooling() == null
                ? encoder.pooling()
                : BertConfig.Pooling.valueOf(spec.pooling().name());
        BertConfig config = encoder.withHead(pooling, data.task().outputs());
        try (Device device = context.open(spec);
                BertModel model = new BertModel(device, config, null)) {
            NewHead.initialize(device, model, ModelFolder.fill(model, source), spec.seed());
            return train(device, model, data, source);
        }
    }

    private JobReport train(Device device, BertModel model, TaskData data, Path source)
            throws IOException, JobCancelled {
        long start = context.nanos().getAsLong();
        int total = spec.budget().totalSteps(data.trainRows());
        BatchOrder order = data.order(spec.seed(), spec.budget().batchSize());
        Evaluator evaluator = data.evaluator(spec.budget().batchSize());
        String primary = Scores.primary(data.task());
        Map<String, Double> metrics = Map.of();
        double best = Double.NEGATIVE_INFINITY;
        int bestStep = 0;
        listener.phase(JobListener.Phase.TRAINING, "", spec.seed(), "fine-tuning for " + total + " steps");
        try (FineTuning training = new FineTuning(model, spec.optimizer(), total, spec.dropout(), spec.seed());
                RecordedSteps steps = new RecordedSteps(device);
                BatchBuffers buffers = new BatchBuffers(device, model.config())) {
            LateReports<PendingStep> reports = new LateReports<>(steps, done -> report(done, total));
            for (int step = 1; step <= total; step++) {
                JobCancelled.check(cancel);
                StepInputs inputs = buffers.load(data.batch(order.at(step - 1)));
                reports.started(training.started(steps.run(inputs, host -> training.compute(inputs, host))));
                boolean due = step == total
                        || spec.budget().evalEvery() > 0 && step % spec.budget().evalEvery() == 0;
                if (due) {
                    reports.flush();
                    steps.clear();
                    metrics = Scores.of(data.task(), evaluator.deployed(model, step));
                    listener.evaluation(new JobListener.Evaluation("", spec.seed(), step, metrics, Map.of()));
                    if (metrics.get(primary) > best) {
                        best = metrics.get(primary);
                        bestStep = step;
                    }
                }
            }
        }
        double seconds = (context.nanos().getAsLong() - start) * 1e-9;
        listener.phase(JobListener.Phase.SAVING, "", spec.seed(), "storing " + spec.outputModel());
        ModelCard card = new ModelCard(
                ModelCard.Kind.FINE_TUNED,
                data.task(),
                model.config().pooling(),
                null,
                spec.data().maxLength(),
                spec.data().padding(),
                metrics,
                spec.model());
        String digest =
                ModelFolder.save(model, card, source, context.workspace().model(spec.outputModel()));
        JobReport.Run run = new JobReport.Run(
                "", "", spec.seed(), metrics, best, bestStep, -1, total, seconds, 0, 0, spec.outputModel(), digest);
        return new JobReport(
                "FINE_TUNE",
                primary,
                Map.of(),
                List.of(run),
                List.of(),
                List.of(spec.outputModel()),
                List.of(),
                RecipeContext.execution(device, Precision.FP32));
    }

    private void report(PendingStep step, int total) {
        int number = step.number() + 1;
        listener.step(new JobListener.StepProgress(
                "", spec.seed(), number, number, total, step.learningRate(), step.losses(), ""));
    }
}
