package dev.ternion.recipe.qat;

import dev.ternion.recipe.ModelCard;
import dev.ternion.recipe.ModelFolder;
import dev.ternion.recipe.PackedStudent;
import dev.ternion.recipe.RecipeContext;
import dev.ternion.recipe.Scores;
import dev.ternion.recipe.TaskData;
import dev.ternion.recipe.Workspace;
import dev.ternion.recipe.checkpoint.Snapshot;
import dev.ternion.recipe.report.JobReport;
import dev.ternion.recipe.report.PairedBootstrap;
import dev.ternion.recipe.report.SeedPredictions;
import dev.ternion.training.metrics.MetricKind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The report of a QAT job: one run per arm and seed, and every INTERVENTION against every CONTROL. */
final class QatReport {
    private static final long BOOTSTRAP_SEED = 20230217;

    private QatReport() {}

    /** Stores a student. */
    static Snapshot.Finished store(RecipeContext context, QatSpec spec, ArmRun run, String id) throws IOException {
        Workspace workspace = context.workspace();
        Path teacher = workspace.model(spec.teacher());
        ModelCard card = new ModelCard(
                ModelCard.Kind.STUDENT,
                ModelCard.read(teacher).task(),
                run.student().config().pooling(),
                spec.quant(),
                spec.data().maxLength(),
                spec.data().padding(),
                run.history().metrics(),
                spec.teacher());
        String digest = ModelFolder.save(
                run.student(),
                card,
                teacher,
                workspace.model(id),
                context.owner().get());
        JobReport.Run entry = new JobReport.Run(
                run.arm().name(),
                run.arm().role().name(),
                run.seed(),
                run.history().metrics(),
                run.history().best(),
                run.history().bestStep(),
                run.history().stepsToGoal(),
                run.stepsDone(),
                run.history().seconds(),
                PackedStudent.fp32Bytes(run.student()),
                PackedStudent.packedBytes(run.student()),
                id,
                digest);
        return new Snapshot.Finished(entry, run.predictions());
    }

    static JobReport of(
            QatSpec spec,
            JobReport.Execution execution,
            TaskData data,
            Reference reference,
            List<Snapshot.Finished> finished) {
        List<JobReport.ArmContrast> contrasts = new ArrayList<>();
        for (ArmSpec intervention : withRole(spec, ArmSpec.Role.INTERVENTION)) {
            for (ArmSpec control : withRole(spec, ArmSpec.Role.CONTROL)) {
                for (String metric : data.task().metrics()) {
                    contrasts.add(contrast(metric, intervention, control, data, finished));
                }
            }
        }
        List<String> notes = new ArrayList<>();
        notes.add("seconds of an arm include the teacher's passes, which the arms of a seed share");
        if (!spec.device().equals("cpu")) {
            notes.add("steps that " + spec.device() + " ran as a whole count for the arms in equal parts");
        }
        if (spec.seeds().size() == 1) {
            notes.add("one seed: the intervals show the spread over examples, not over trainings");
        }
        return new JobReport(
                "QAT",
                Scores.primary(data.task()),
                reference.metrics(),
                finished.stream().map(Snapshot.Finished::run).toList(),
                contrasts,
                finished.stream().map(f -> f.run().model()).toList(),
                notes,
                execution);
    }

    private static List<ArmSpec> withRole(QatSpec spec, ArmSpec.Role role) {
        return spec.arms().stream().filter(arm -> arm.role() == role).toList();
    }

    private static JobReport.ArmContrast contrast(
            String metric, ArmSpec intervention, ArmSpec control, TaskData data, List<Snapshot.Finished> finished) {
        MetricKind kind = MetricKind.valueOf(metric);
        List<SeedPredictions> seeds = new ArrayList<>();
        for (Snapshot.Finished with : finished) {
            for (Snapshot.Finished without : finished) {
                boolean pair = with.run().arm().equals(intervention.name())
                        && without.run().arm().equals(control.name())
                        && with.run().seed() == without.run().seed();
                if (pair) {
                    seeds.add(new SeedPredictions(with.run().seed(), without.predictions(), with.predictions()));
                }
            }
        }
        return new JobReport.ArmContrast(
                intervention.name(),
                control.name(),
                PairedBootstrap.standard(BOOTSTRAP_SEED)
                        .contrast(
                                metric.toLowerCase(Locale.ROOT),
                                (predictions, labels) ->
                                        kind.compute(predictions, labels).value(),
                                data.evalLabels(),
                                seeds));
    }
}
