package dev.ternion.api;

import dev.ternion.api.v1.FineTuneSpec;
import dev.ternion.api.v1.JobSpec;
import dev.ternion.api.v1.QatSpec;
import java.util.List;

/** The spec of a job that begins at a checkpoint of another. */
public final class ForkSpec {
    private ForkSpec() {}

    /**
     * Fills in what a fork takes from the checkpoint.
     *
     * @param asked by the client; without a kind it is that of the source, under another output_model
     * @param source of the job that made the checkpoint
     * @param name of the checkpoint
     * @param seed of the checkpoint, the only one that a fork trains
     */
    public static JobSpec of(JobSpec asked, JobSpec source, String name, long seed) {
        boolean given = asked.getKindCase() != JobSpec.KindCase.KIND_NOT_SET;
        JobSpec.Builder fork = (given ? asked : source).toBuilder();
        if (fork.hasFineTune()) {
            FineTuneSpec.Builder fineTune = fork.getFineTuneBuilder();
            fineTune.getCheckpointsBuilder().setBeginAt(name);
            if (!given) {
                fineTune.clearOutputModel();
            }
        } else if (fork.hasQat()) {
            QatSpec.Builder qat = fork.getQatBuilder();
            qat.getCheckpointsBuilder().setBeginAt(name);
            if (qat.getSeedsList().equals(source.getQat().getSeedsList())) {
                qat.clearSeeds().addSeeds(seed);
            }
            if (!given) {
                qat.clearOutputModel();
            }
        }
        return fork.build();
    }

    /** The spec of a job, with one of its seeds alone. */
    public static JobSpec ofSeed(JobSpec spec, long seed) {
        return spec.hasQat()
                ? spec.toBuilder()
                        .setQat(spec.getQat().toBuilder().clearSeeds().addAllSeeds(List.of(seed)))
                        .build()
                : spec;
    }
}
