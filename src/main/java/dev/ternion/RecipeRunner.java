package dev.ternion;

import dev.ternion.api.InvalidRequest;
import dev.ternion.api.SpecMapper;
import dev.ternion.api.SpecReferences;
import dev.ternion.jobs.Opaque;
import dev.ternion.recipe.CancelToken;
import dev.ternion.recipe.JobCancelled;
import dev.ternion.recipe.JobFailure;
import dev.ternion.recipe.JobListener;
import dev.ternion.recipe.JobSpec;
import dev.ternion.recipe.RecipeContext;
import dev.ternion.recipe.Recipes;
import dev.ternion.recipe.checkpoint.Checkpoints;
import dev.ternion.recipe.checkpoint.FolderCheckpoints;
import dev.ternion.recipe.checkpoint.RequestedCheckpoints;
import dev.ternion.recipe.checkpoint.Sources;
import dev.ternion.recipe.checkpoint.TimedCheckpoints;
import dev.ternion.recipe.report.JobReport;
import dev.ternion.worker.JobRunner;
import java.nio.file.Path;
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
        SpecReferences reads = SpecReferences.of(spec);
        Sources sources = Sources.of(context.workspace(), reads.models(), reads.datasets());
        Checkpoints inFolder = new FolderCheckpoints(folder(jobId), spec.checkpoints(), sources, context.nanos());
        Checkpoints checkpoints =
                new RequestedCheckpoints(new TimedCheckpoints(inFolder, listener, context.nanos()), cancel);
        return Recipes.run(context, spec, checkpoints, listener, cancel);
    }

    /** The device of a stored spec; of one that cannot be read, and whose job will fail, the CPU. */
    static String device(Opaque spec) {
        try {
            return SpecMapper.decode(spec.bytes()).device();
        } catch (InvalidRequest | IllegalArgumentException e) {
            LOG.warn("the spec of a job cannot be read", e);
            return "cpu";
        }
    }

    private Path folder(String jobId) {
        return context.workspace().checkpoints().resolve(jobId);
    }
}
