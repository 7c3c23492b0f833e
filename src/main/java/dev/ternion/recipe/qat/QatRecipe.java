package dev.ternion.recipe.qat;

import dev.ternion.backend.Device;
import dev.ternion.data.BatchOrder;
import dev.ternion.intervention.Site;
import dev.ternion.model.bert.BertModel;
import dev.ternion.recipe.CancelToken;
import dev.ternion.recipe.JobCancelled;
import dev.ternion.recipe.JobFailure;
import dev.ternion.recipe.JobListener;
import dev.ternion.recipe.ModelFolder;
import dev.ternion.recipe.RecipeContext;
import dev.ternion.recipe.Scores;
import dev.ternion.recipe.TaskData;
import dev.ternion.recipe.report.JobReport;
import dev.ternion.training.Evaluator;
import dev.ternion.training.PendingStep;
import dev.ternion.training.metrics.Predictions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Trains every arm on every seed. The arms of a seed go forward in lockstep and share one teacher pass per batch; an arm's
 * bytes are the same as if it ran alone.
 */
public final class QatRecipe {
    private final RecipeContext context;
    private final QatSpec spec;
    private final JobListener listener;
    private final CancelToken cancel;

    public QatRecipe(RecipeContext context, QatSpec spec, JobListener listener, CancelToken cancel) {
        this.context = context;
        this.spec = spec;
        this.listener = listener;
        this.cancel = cancel;
    }

    /** Runs all trainings and stores all students. */
    public JobReport run() throws IOException, JobFailure, JobCancelled {
        Path source = context.workspace().model(spec.teacher());
        listener.phase(JobListener.Phase.LOADING, "", 0, "reading teacher and data");
        TaskData data = TaskData.load(context.workspace(), spec.data(), source, true);
        try (Device device = context.open(spec);
                BertModel teacher = ModelFolder.load(device, source)) {
            if (teacher.config().outputs() != data.task().outputs()) {
                throw new JobFailure(
                        "TEACHER_MISMATCH",
                        "teacher " + spec.teacher() + " has " + teacher.config().outputs() + " outputs, data set "
                                + spec.data().dataset() + " wants "
                                + data.task().outputs()
                                + ": fine-tune a teacher on this data set first",
                        Map.of("teacher", spec.teacher()));
            }
            Evaluator evaluator = data.evaluator(spec.budget().batchSize());
            listener.phase(JobListener.Phase.EVALUATING, "", 0, "evaluating the teacher");
            Predictions predictions = evaluator.deployed(teacher, 0);
            Reference reference =
                    new Reference(Scores.primary(data.task()), Scores.of(data.task(), predictions), predictions);
            List<QatReport.Finished> finished = new ArrayList<>();
            for (int s = 0; s < spec.seeds().size(); s++) {
                finished.addAll(seed(device, teacher, data, evaluator, reference, s));
            }
            return QatReport.of(spec, RecipeContext.execution(device, spec.precision()), data, reference, finished);
        }
    }

    private List<QatReport.Finished> seed(
            Device device, BertModel teacher, TaskData data, Evaluator evaluator, Reference reference, int index)
            throws IOException, JobCancelled {
        long seed = spec.seeds().get(index);
        int total = spec.budget().totalSteps(data.trainRows());
        BatchOrder order = data.order(seed, spec.budget().batchSize());
        List<ArmRun> runs = new ArrayList<>();
        try {
            for (ArmSpec arm : spec.arms()) {
                runs.add(new ArmRun(device, spec, arm, seed, total, teacher));
            }
            runs.forEach(
                    run -> listener.phase(run.phase(), run.arm().name(), seed, "training for " + total + " steps"));
            long before = (long) index * total * runs.size();
            Lockstep.Reporter reporter =
                    (i, step) -> report(runs.get(i), step, before + (long) step.number() * runs.size() + i + 1, total);
            try (Lockstep arms = new Lockstep(teacher, spec.precision(), runs, context.nanos(), cancel, reporter)) {
                for (int step = 1; step <= total; step++) {
                    arms.step(data.batch(order.at(step - 1)));
                    boolean due = step == total
                            || endsIntervention(step)
                            || spec.budget().evalEvery() > 0
                                    && step % spec.budget().evalEvery() == 0;
                    if (due) {
                        arms.settle();
                        evaluate(runs, data, evaluator, teacher, reference);
                    }
                }
            }
            return save(runs);
        } finally {
            runs.forEach(ArmRun::close);
        }
    }

    private boolean endsIntervention(int step) {
        return spec.arms().stream()
                .anyMatch(arm -> arm.schedule() != null && arm.schedule().steps() == step);
    }

    private void report(ArmRun run, PendingStep done, long stepsDone, int total) {
        Site site = done.site();
        listener.step(new JobListener.StepProgress(
                run.arm().name(),
                run.seed(),
                done.number() + 1,
                stepsDone,
                (long) total * spec.arms().size() * spec.seeds().size(),
                done.learningRate(),
                done.losses(),
                site == null ? "" : site.name()));
        ArmSpec arm = run.arm();
        boolean lastOfPhase =
                arm.schedule() != null && done.number() + 1 == arm.schedule().steps();
        if (lastOfPhase && done.number() + 1 < total) {
            listener.phase(JobListener.Phase.FULL_QAT, arm.name(), run.seed(), "intervention off, fresh optimizer");
        }
    }

    private void evaluate(List<ArmRun> runs, TaskData data, Evaluator evaluator, BertModel teacher, Reference reference)
            throws JobCancelled {
        for (ArmRun run : runs) {
            JobCancelled.check(cancel);
            long begin = context.nanos().getAsLong();
            ArmSpec arm = run.arm();
            int last = run.stepsDone() - 1;
            boolean intervening =
                    arm.schedule() != null && last < arm.schedule().steps();
            Site site = intervening ? arm.schedule().at(run.seed(), last) : null;
            listener.evaluation(run.evaluate(data, evaluator, teacher, reference, site));
            run.addSeconds((context.nanos().getAsLong() - begin) * 1e-9);
        }
    }

    private List<QatReport.Finished> save(List<ArmRun> runs) throws IOException {
        List<QatReport.Finished> finished = new ArrayList<>();
        for (ArmRun run : runs) {
            String id = spec.outputModel() + "-" + run.arm().name() + "-" + run.seed();
            listener.phase(JobListener.Phase.SAVING, run.arm().name(), run.seed(), "storing " + id);
            finished.add(QatReport.store(context.workspace(), spec, run, id));
        }
        return finished;
    }
}
