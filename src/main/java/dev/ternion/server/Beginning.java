package dev.ternion.server;

import dev.ternion.api.Violation;
import dev.ternion.api.v1.JobSpec;
import java.io.IOException;
import java.util.List;

/** Where a new job begins: at nothing, or at a checkpoint of another. */
interface Beginning {
    /** The spec of the job, of the one that was asked for. */
    JobSpec spec(JobSpec asked) throws IOException;

    /** What is wrong with a spec that is right in itself. */
    List<Violation> problems(dev.ternion.recipe.JobSpec spec) throws IOException;

    /** Prepares what the job begins with. */
    CheckpointCatalog.Staged stage(String id, dev.ternion.recipe.JobSpec spec) throws IOException;
}
