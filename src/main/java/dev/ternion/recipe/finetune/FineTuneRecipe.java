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
import dev.ternion.recipe.checkpoint.Checkpoints;
import dev.ternion.recipe.checkpoint.History;
import dev.ternion.recipe.checkpoint.Moment;
import dev.ternion.recipe.checkpoint.Origin;
import dev.ternion.recipe.checkpoint.Snapshot;
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
import java.util.Optional;

/** Fine-tunes an encoder on labels and stores the model of the last step. */
public final class FineTuneRecipe {
    private final RecipeContext context;
    private final FineTuneSpec spec;
    private final Checkpoints checkpoints;
    private final JobListener listener;
    private final CancelToken cancel;
    private History history = History.EMPTY;

    public FineTuneRecipe(
            RecipeContext context,
            FineTuneSpec spec,
            Checkpoints checkpoints,
            JobListener listener,
            CancelToken cancel) {
        this.context = context;
        this.spec = spec;
        this.checkpoints = checkpoints;
        this.listener = listener;
        this.cancel = cancel;
    }

    /** Runs the training. */
    public JobReport run() throws IOException, JobFailure, JobCancelled {
        Path source = context.workspace().model(spec.model());
        try (TaskData.Loading loading = TaskData.begin(context.workspace(), spec.data(), source)) {
            Optional<Snapshot> earlier = checkpoints.newest(spec);
            listener.phase(JobListener.Phase.LOADING, "", spec.seed(), "reading model and data");
            return train(earlier, source, loading.get());
        }
    }

    private JobReport train(Optional<Snapshot> earlier, Path source, TaskData data)
            throws IOException, JobFailure, JobCancelled {
        BertConfig encoder = ModelFolder.config(source);
        BertConfig.Pooling pooling = spec.pooling() == null
                ? encoder.pooling()
                : BertConfig.Pooling.valueOf(spec.pooling().name());
        BertConfig config = encoder.withHead(pooling, data.task().outputs());
        try (Device device = context.open(spec);
                BertModel model = new BertModel(device, config, null)) {
            NewHead.initialize(device, model, ModelFolder.fill(model, source), spec.seed());
            int total = spec.budget().totalSteps(data.trainRows());
            try (FineTuning training = new FineTuning(model, spec.optimizer(), total, spec.dropout(), spec.seed())) {
                if (earlier.isPresent()) {
                    Snapshot.Running from = earlier.get().running().get(0);
                    training.restore(from.state());
                    history = from.history();
                }
                listener.phase(JobListener.Phase.TRAINING, "", spec.seed(), "fine-tuning for " + total + " steps");
                train(device, model, training, data, total);
            }
            return save(device, model, data, source);
        }
    }

    private void train(Device device, BertModel model, FineTuning training, TaskData data, int total)
            throws JobCancelled {
        BatchOrder order = data.order(spec.seed(), spec.budget().batchSize());
        Evaluator evaluator = data.evaluator(spec.budget().batchSize());
        try (RecordedSteps steps = new RecordedSteps(device);
                BatchBuffers buffers = new BatchBuffers(device, model.config())) {
            LateReports<PendingStep> reports = new LateReports<>(steps, done -> report(done, total, order));
            for (int step = training.stepsDone(); ; step++) {
                long begin = context.nanos().getAsLong();
                if (evaluationDue(step, total) && history.step() != step) {
                    reports.flush();
                    steps.clear();
                    evaluate(model, data, evaluator, step);
                    addSecondsSince(begin);
                    checkpoint(training, step == total ? Origin.FINAL : Origin.EVALUATION);
                } else if (checkpoints.due(step)) {
                    reports.flush();
                    checkpoint(training, Origin.PERIODIC);
                }
                if (step == total) {
                    return;
                }
                if (cancel.isCancelled()) {
                    reports.flush();
                    stop(training);
                }
                begin = context.nanos().getAsLong();
                StepInputs inputs = buffers.load(data.batch(order.at(step)));
                reports.started(training.started(steps.run(inputs, host -> training.compute(inputs, host))));
                addSecondsSince(begin);
            }
        }
    }

    private boolean evaluationDue(int step, int total) {
        int every = spec.budget().evalEvery();
        return step > 0 && (step == total || every > 0 && step % every == 0);
    }

    private void evaluate(BertModel model, TaskData data, Evaluator evaluator, int step) {
        Map<String, Double> metrics = Scores.of(data.task(), evaluator.deployed(model, step));
        listener.evaluation(new JobListener.Evaluation("", spec.seed(), step, metrics, Map.of()));
        history = history.evaluated(step, metrics, Scores.primary(data.task()), Double.NaN);
    }

    private void addSecondsSince(long begin) {
        history = history.after((context.nanos().getAsLong() - begin) * 1e-9);
    }

    private void stop(FineTuning training) throws JobCancelled {
        if (cancel.isDraining()) {
            checkpoint(training, Origin.PREEMPT);
        }
        throw new JobCancelled();
    }

    private void checkpoint(FineTuning training, Origin origin) {
        listener.settle();
        Snapshot.Running running = new Snapshot.Running(training.state(), history, new float[0]);
        Moment moment = new Moment(training.stepsDone(), spec.seed(), List.of(""), origin);
        checkpoints.save(spec, moment, new Snapshot(List.of(), List.of(running)));
    }

    private JobReport save(Device device, BertModel model, TaskData data, Path source) throws IOException {
        listener.phase(JobListener.Phase.SAVING, "", spec.seed(), "storing " + spec.outputModel());
        ModelCard card = new ModelCard(
                ModelCard.Kind.FINE_TUNED,
                data.task(),
                model.config().pooling(),
                null,
                spec.data().maxLength(),
                spec.data().padding(),
                history.metrics(),
                spec.model());
        String digest = ModelFolder.save(
                model,
                card,
                source,
                context.workspace().model(spec.outputModel()),
                context.owner().get());
        JobReport.Run run = new JobReport.Run(
                "",
                "",
                spec.seed(),
                history.metrics(),
                history.best(),
                history.bestStep(),
                -1,
                history.step(),
                history.seconds(),
                0,
                0,
                spec.outputModel(),
                digest);
        return new JobReport(
                "FINE_TUNE",
                Scores.primary(data.task()),
                Map.of(),
                List.of(run),
                List.of(),
                List.of(spec.outputModel()),
                List.of(),
                RecipeContext.execution(device, Precision.FP32));
    }

    private void report(PendingStep step, int total, BatchOrder order) {
        int number = step.number() + 1;
        listener.step(new JobListener.StepProgress(
                "",
                spec.seed(),
                number,
                number,
                total,
                order.sizeAt(step.number()),
                step.learningRate(),
                step.losses(),
                ""));
    }
}
