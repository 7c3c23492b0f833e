package dev.ternion;

import dev.ternion.jobs.Job;
import dev.ternion.recipe.CancelToken;
import dev.ternion.recipe.JobCancelled;
import dev.ternion.recipe.JobFailure;
import dev.ternion.recipe.JobListener;
import dev.ternion.recipe.JobSpec;
import dev.ternion.recipe.RecipeContext;
import dev.ternion.recipe.Recipes;
import dev.ternion.recipe.checkpoint.Checkpoints;
import dev.ternion.recipe.checkpoint.FolderCheckpoints;
import dev.ternion.recipe.report.JobReport;
import dev.ternion.worker.JobRunner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs jobs by their recipes, with the checkpoints of each in a folder of the data folder. */
final class RecipeRunner implements JobRunner {
    private static final Logger LOG = LoggerFactory.getLogger(RecipeRunner.class);

    private final RecipeContext context;

    RecipeRunner(RecipeContext context) {
        this.context = context;
    }

    @Override
    public JobReport run(String jobId, JobSpec spec, JobListener listener, CancelToken cancel)
            throws JobFailure, JobCancelled {
        Checkpoints checkpoints = new FolderCheckpoints(folder(jobId), spec.checkpoints(), context.nanos());
        return Recipes.run(context, spec, checkpoints, listener, cancel);
    }

    /** Removes the checkpoints of a job, which is not to go on. */
    void forget(String jobId) {
        remove(folder(jobId));
    }

    /** Removes the checkpoints of all jobs but those that have begun and may go on. */
    void keepOnly(List<Job> jobs) throws IOException {
        Set<String> kept = jobs.stream()
                .filter(job -> job.runs().newest() > 0)
                .map(Job::id)
                .collect(Collectors.toSet());
        for (String id : Folders.ids(context.workspace().checkpoints())) {
            if (!kept.contains(id)) {
                remove(folder(id));
            }
        }
    }

    private Path folder(String jobId) {
        return context.workspace().checkpoints().resolve(jobId);
    }

    private static void remove(Path folder) {
        try {
            if (Files.exists(folder)) {
                Folders.delete(folder);
            }
        } catch (IOException e) {
            LOG.warn("checkpoints {} are not needed any more and could not be removed", folder, e);
        }
    }
}
