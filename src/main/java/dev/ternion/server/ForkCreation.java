package dev.ternion.server;

import dev.ternion.api.CheckpointName;
import dev.ternion.api.ForkCheck;
import dev.ternion.api.ForkSpec;
import dev.ternion.api.ResourceCatalog;
import dev.ternion.api.SpecMapper;
import dev.ternion.api.Violation;
import dev.ternion.api.v1.Checkpoint;
import dev.ternion.api.v1.CreateJobRequest;
import dev.ternion.api.v1.ForkJobRequest;
import dev.ternion.api.v1.Job;
import dev.ternion.api.v1.JobSpec;
import dev.ternion.jobs.JobQueue;
import java.io.IOException;
import java.util.List;

/** ForkJob: the creation of a job that begins at a checkpoint of another. */
final class ForkCreation {
    private final JobCreation creation;
    private final CheckpointCatalog checkpoints;
    private final CheckpointReading reading;
    private final JobQueue queue;
    private final ResourceCatalog resources;

    ForkCreation(
            JobCreation creation,
            CheckpointCatalog checkpoints,
            CheckpointReading reading,
            JobQueue queue,
            ResourceCatalog resources) {
        this.creation = creation;
        this.checkpoints = checkpoints;
        this.reading = reading;
        this.queue = queue;
        this.resources = resources;
    }

    Job fork(ForkJobRequest request) throws IOException {
        CheckpointName name = CheckpointReading.name(request.getName());
        CreateJobRequest wanted = CreateJobRequest.newBuilder()
                .setJobId(request.getJobId())
                .setJob(Job.newBuilder()
                        .setDisplayName(request.getDisplayName())
                        .setPriority(request.getPriority())
                        .setSpec(request.getSpec()))
                .setRequestId(request.getRequestId())
                .setValidateOnly(request.getValidateOnly())
                .build();
        String body = JobCreation.digest(
                request.toBuilder().clearRequestId().clearValidateOnly().build());
        return creation.create(wanted, "fork-" + body, new AtCheckpoint(name));
    }

    /** A job that begins at a checkpoint of another. */
    private final class AtCheckpoint implements Beginning {
        private final CheckpointName name;
        private JobSpec source;
        private Checkpoint checkpoint;

        private AtCheckpoint(CheckpointName name) {
            this.name = name;
        }

        @Override
        public JobSpec spec(JobSpec asked) throws IOException {
            JobSpec whole = SpecMapper.message(queue.get(name.job()).spec().bytes());
            checkpoint = reading.required(name);
            source = ForkSpec.ofSeed(whole, checkpoint.getSeed());
            return ForkSpec.of(asked, whole, name.toString(), checkpoint.getSeed());
        }

        @Override
        public List<Violation> problems(dev.ternion.recipe.JobSpec spec) {
            long rows = resources
                    .findDataset(spec.data().dataset())
                    .map(ResourceCatalog.DatasetFacts::trainRows)
                    .orElse(0L);
            return ForkCheck.problems(SpecMapper.read(source, ""), spec, checkpoint.getStep(), rows);
        }

        @Override
        public CheckpointCatalog.Staged stage(String id, dev.ternion.recipe.JobSpec spec) throws IOException {
            dev.ternion.recipe.JobSpec whole =
                    SpecMapper.decode(queue.get(name.job()).spec().bytes());
            reading.intact(name);
            return checkpoints.fork(name, whole, id, spec);
        }
    }
}
