package dev.ternion.recipe.qat;

import dev.ternion.backend.Device;
import dev.ternion.model.bert.BertModel;
import dev.ternion.recipe.CancelToken;
import dev.ternion.recipe.JobCancelled;
import dev.ternion.recipe.JobFailure;
import dev.ternion.recipe.JobListener;
import dev.ternion.recipe.ModelFolder;
import dev.ternion.recipe.RecipeContext;
import dev.ternion.recipe.TaskData;
import dev.ternion.recipe.checkpoint.Checkpoints;
import dev.ternion.recipe.checkpoint.Snapshot;
import dev.ternion.recipe.report.JobReport;
import dev.ternion.training.Evaluator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Trains every arm on every seed. The arms of a seed go forward in lockstep and share one teacher pass per batch; an arm's
 * bytes are the same as if it ran alone.
 */
public final class QatRecipe {
    private final SeedTraining.Job job;
    private final RecipeContext context;
    private final QatSpec spec;

    public QatRecipe(
            RecipeContext context, QatSpec spec, Checkpoints checkpoints, JobListener listener, CancelToken cancel) {
        job = new SeedTraining.Job(context, spec, checkpoints, listener, cancel);
        this.context = context;
        this.spec = spec;
    }

    /** Runs all trainings and stores all students. */
    public JobReport run() throws IOException, JobFailure, JobCancelled {
        Path source = context.workspace().model(spec.teacher());
        try (TaskData.Loading loading = TaskData.begin(context.workspace(), spec.data(), source)) {
            Optional<Snapshot> earlier = job.checkpoints().newest(spec);
            job.listener().phase(JobListener.Phase.LOADING, "", 0, "reading teacher and data");
            return train(earlier, source, loading.get());
        }
    }

    private JobReport train(Optional<Snapshot> earlier, Path source, TaskData data)
            throws IOException, JobFailure, JobCancelled {
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
            TeacherReference reference = new TeacherReference(teacher, data, evaluator, job.listener());
            if (earlier.isEmpty()) {
                reference.get();
            }
            List<Snapshot.Finished> finished =
                    new ArrayList<>(earlier.map(Snapshot::finished).orElse(List.of()));
            List<Snapshot.Running> running = earlier.map(Snapshot::running).orElse(List.of());
            SeedTraining.Shared shared = new SeedTraining.Shared(teacher, data, evaluator, reference);
            while (finished.size() < spec.seeds().size() * spec.arms().size()) {
                try (SeedTraining seed = new SeedTraining(job, shared, finished)) {
                    if (!running.isEmpty()) {
                        seed.restore(running);
                        running = List.of();
                    }
                    finished.addAll(seed.run());
                }
            }
            return QatReport.of(
                    spec, RecipeContext.execution(device, spec.precision()), data, reference.get(), finished);
        }
    }
}
