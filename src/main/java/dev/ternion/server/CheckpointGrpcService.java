package dev.ternion.server;

import com.google.protobuf.Empty;
import dev.ternion.api.CheckpointName;
import dev.ternion.api.ResourceNames;
import dev.ternion.api.SpecMapper;
import dev.ternion.api.v1.Checkpoint;
import dev.ternion.api.v1.CheckpointServiceGrpc;
import dev.ternion.api.v1.CreateCheckpointRequest;
import dev.ternion.api.v1.DeleteCheckpointRequest;
import dev.ternion.api.v1.GetCheckpointRequest;
import dev.ternion.api.v1.ListCheckpointsRequest;
import dev.ternion.api.v1.ListCheckpointsResponse;
import dev.ternion.api.v1.UpdateCheckpointRequest;
import dev.ternion.api.v1.VerifyCheckpointRequest;
import dev.ternion.api.v1.VerifyCheckpointResponse;
import dev.ternion.jobs.Job;
import dev.ternion.jobs.JobQueue;
import dev.ternion.recipe.evaluate.EvaluateSpec;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;

/** CheckpointService on a {@link CheckpointCatalog}. */
final class CheckpointGrpcService extends CheckpointServiceGrpc.CheckpointServiceImplBase {
    static final int MAX_PINNED = 16;

    /** The last one of a job, and the one before it should the last be damaged. */
    private static final int NEEDED = 2;

    private final CheckpointCatalog catalog;
    private final CheckpointReading reading;
    private final JobQueue queue;
    private final PageTokens tokens;
    private final Executor executor;

    /** @param executor answers those who have waited for a checkpoint */
    CheckpointGrpcService(
            CheckpointCatalog catalog,
            CheckpointReading reading,
            JobQueue queue,
            PageTokens tokens,
            Executor executor) {
        this.catalog = catalog;
        this.reading = reading;
        this.queue = queue;
        this.tokens = tokens;
        this.executor = executor;
    }

    @Override
    public void listCheckpoints(ListCheckpointsRequest request, StreamObserver<ListCheckpointsResponse> client) {
        String job = Requests.id(ResourceNames.JOB, "parent", request.getParent());
        Answers.send(client, () -> {
            List<Checkpoint> all = catalog.list(job);
            if (all.isEmpty()) {
                queue.get(job);
            }
            Pages<Checkpoint> page = Pages.of(
                    all,
                    checkpoint -> String.format(Locale.ROOT, "%012d", checkpoint.getJobStep()),
                    "checkpoints " + job,
                    request.getPageSize(),
                    request.getPageToken(),
                    tokens);
            return ListCheckpointsResponse.newBuilder()
                    .addAllCheckpoints(page.items())
                    .setNextPageToken(page.nextToken())
                    .build();
        });
    }

    @Override
    public void getCheckpoint(GetCheckpointRequest request, StreamObserver<Checkpoint> client) {
        Answers.send(client, () -> required(CheckpointReading.name(request.getName())));
    }

    @Override
    public void createCheckpoint(CreateCheckpointRequest request, StreamObserver<Checkpoint> client) {
        String id = Requests.id(ResourceNames.JOB, "parent", request.getParent());
        if (SpecMapper.decode(queue.get(id).spec().bytes()) instanceof EvaluateSpec) {
            throw Refusal.precondition(
                    "JOB_WITHOUT_CHECKPOINTS",
                    request.getParent(),
                    "job " + id + " is an evaluation, which makes no checkpoints");
        }
        LateAnswer.send(
                (ServerCallStreamObserver<Checkpoint>) client,
                queue.checkpoint(id),
                step -> required(new CheckpointName(id, step)),
                executor);
    }

    @Override
    public void updateCheckpoint(UpdateCheckpointRequest request, StreamObserver<Checkpoint> client) {
        CheckpointName name = CheckpointReading.name(request.getName());
        Answers.send(client, () -> {
            AuditNote.before(required(name));
            if (request.getPinned()) {
                pin(name);
            } else {
                catalog.unpin(name);
            }
            return required(name);
        });
    }

    private synchronized void pin(CheckpointName name) throws IOException {
        long others = catalog.list(name.job()).stream()
                .filter(checkpoint -> checkpoint.getPinned() && checkpoint.getJobStep() != name.step())
                .count();
        if (others >= MAX_PINNED) {
            throw Refusal.quota(
                    "PIN_LIMIT",
                    ResourceNames.JOB.name(name.job()),
                    others + " checkpoints of job " + name.job() + " are pinned, at most " + MAX_PINNED
                            + " may be; unpin one",
                    Map.of("limit", String.valueOf(MAX_PINNED)));
        }
        if (!catalog.pin(name)) {
            throw Refusal.checkpointNotFound(name.toString());
        }
    }

    @Override
    public void deleteCheckpoint(DeleteCheckpointRequest request, StreamObserver<Empty> client) {
        CheckpointName name = CheckpointReading.name(request.getName());
        Answers.send(client, () -> {
            Checkpoint checkpoint = required(name);
            AuditNote.before(checkpoint);
            if (checkpoint.getPinned()) {
                throw Refusal.precondition(
                        "CHECKPOINT_PINNED",
                        name.toString(),
                        "checkpoint " + name.step() + " is pinned; unpin it first");
            }
            requireUnneeded(name);
            catalog.delete(name);
            return Empty.getDefaultInstance();
        });
    }

    private void requireUnneeded(CheckpointName name) throws IOException {
        Optional<Job> open = queue.find(name.job()).filter(job -> !job.state().isFinal());
        List<Checkpoint> all = catalog.list(name.job());
        boolean needed = all.subList(Math.max(0, all.size() - NEEDED), all.size()).stream()
                .anyMatch(checkpoint -> checkpoint.getJobStep() == name.step());
        if (open.isPresent() && needed) {
            throw Refusal.precondition(
                    "CHECKPOINT_IN_USE",
                    name.toString(),
                    "job " + name.job() + " is " + open.get().state() + " and may have to go on from checkpoint "
                            + name.step() + "; wait for newer ones, or cancel the job");
        }
    }

    @Override
    public void verifyCheckpoint(VerifyCheckpointRequest request, StreamObserver<VerifyCheckpointResponse> client) {
        CheckpointName name = CheckpointReading.name(request.getName());
        Answers.send(client, () -> {
            required(name);
            Checkpoint intact = reading.intact(name);
            return VerifyCheckpointResponse.newBuilder()
                    .setSizeBytes(intact.getSizeBytes())
                    .setSha256(intact.getSha256())
                    .build();
        });
    }

    /** Also of a job that is not known any more. */
    private Checkpoint required(CheckpointName name) throws IOException {
        if (catalog.list(name.job()).isEmpty()) {
            queue.get(name.job());
        }
        return reading.required(name);
    }
}
