package dev.ternion.server;

import static dev.ternion.server.TestServer.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import dev.ternion.api.SpecFixtures;
import dev.ternion.api.v1.ByteStreamGrpc;
import dev.ternion.api.v1.CancelJobRequest;
import dev.ternion.api.v1.Checkpoint;
import dev.ternion.api.v1.CheckpointServiceGrpc;
import dev.ternion.api.v1.CreateUploadRequest;
import dev.ternion.api.v1.DeleteCheckpointRequest;
import dev.ternion.api.v1.DeleteJobRequest;
import dev.ternion.api.v1.DeleteModelRequest;
import dev.ternion.api.v1.DeleteUploadRequest;
import dev.ternion.api.v1.FileChunk;
import dev.ternion.api.v1.FinalizeUploadRequest;
import dev.ternion.api.v1.GetCheckpointRequest;
import dev.ternion.api.v1.GetJobRequest;
import dev.ternion.api.v1.ImportModelHeader;
import dev.ternion.api.v1.ImportModelRequest;
import dev.ternion.api.v1.Job;
import dev.ternion.api.v1.Job.State;
import dev.ternion.api.v1.Model;
import dev.ternion.api.v1.ModelServiceGrpc;
import dev.ternion.api.v1.PauseJobRequest;
import dev.ternion.api.v1.ResumeJobRequest;
import dev.ternion.api.v1.UpdateCheckpointRequest;
import dev.ternion.api.v1.Upload;
import dev.ternion.api.v1.UploadServiceGrpc;
import dev.ternion.api.v1.WriteRequest;
import dev.ternion.api.v1.WriteResponse;
import dev.ternion.audit.AuditLog;
import dev.ternion.worker.MutableClock;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The digests of resources before and after a call, in the audit log, are those of what a client is answered. */
class AuditDigestsIT {
    @TempDir
    private Path folder;

    private Path data;
    private TestServer test;

    @BeforeEach
    void start() throws Exception {
        data = Files.createDirectories(folder.resolve("data"));
        Audit audit = new Audit(new AuditLog(data, new MutableClock()), () -> 0, e -> {});
        test = new TestServer(
                folder,
                settings -> settings,
                new ServerAccess(ServerAccess.OPEN.tls(), ServerAccess.OPEN.authenticator(), audit, () -> 0));
    }

    @AfterEach
    void stop() throws Exception {
        test.close();
    }

    /** Requires the newest line to be of this method and to have these digests; null is none. */
    private void requireNoted(String method, Message before, Message after) throws Exception {
        List<String> lines = Files.readAllLines(data.resolve("audit/audit-000001.jsonl"));
        JsonNode line = new ObjectMapper().readTree(lines.get(lines.size() - 1));
        assertThat(line.path("what").asText()).endsWith("/" + method);
        assertThat(line.path("before").asText(null)).as("before").isEqualTo(digest(before));
        assertThat(line.path("after").asText(null)).as("after").isEqualTo(digest(after));
    }

    /** As SECURITY says it. */
    private static String digest(Message resource) throws Exception {
        if (resource == null) {
            return null;
        }
        Message kept = resource instanceof Job job
                ? job.toBuilder()
                        .clearQueuePosition()
                        .clearStateReason()
                        .clearProgress()
                        .clearRunTime()
                        .clearLastSequence()
                        .build()
                : resource;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        out.useDeterministicSerialization();
        kept.writeTo(out);
        out.flush();
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.toByteArray()));
    }

    private Job get(String name) {
        return test.jobs.getJob(GetJobRequest.newBuilder().setName(name).build());
    }

    @Test
    void ofJobs() throws Exception {
        var request = TestServer.request("job-a", SpecFixtures.evaluate()).toBuilder()
                .setRequestId("11111111-2222-3333-4444-555555555555")
                .build();
        Job made = test.jobs.createJob(request);
        requireNoted("CreateJob", null, made);
        String name = made.getName();
        await().until(() -> get(name).getState() == State.STATE_RUNNING);
        Job running = get(name);
        assertThat(test.jobs.createJob(request).getUid()).isEqualTo(made.getUid());
        requireNoted("CreateJob", running, running);
        Job pausing =
                test.jobs.pauseJob(PauseJobRequest.newBuilder().setName(name).build());
        requireNoted("PauseJob", running, pausing);
        await().until(() -> get(name).getState() == State.STATE_PAUSED);
        Job paused = get(name);
        Job resumed =
                test.jobs.resumeJob(ResumeJobRequest.newBuilder().setName(name).build());
        requireNoted("ResumeJob", paused, resumed);
        await().until(() -> get(name).getState() == State.STATE_RUNNING);
        running = get(name);
        Job cancelling =
                test.jobs.cancelJob(CancelJobRequest.newBuilder().setName(name).build());
        requireNoted("CancelJob", running, cancelling);
        await().until(() -> get(name).getState() == State.STATE_CANCELLED);
        Job cancelled = get(name);
        assertThat(digest(cancelled)).isNotEqualTo(digest(cancelling));
        refused(() ->
                test.jobs.cancelJob(CancelJobRequest.newBuilder().setName(name).build()));
        requireNoted("CancelJob", null, null);
        test.jobs.deleteJob(DeleteJobRequest.newBuilder().setName(name).build());
        requireNoted("DeleteJob", cancelled, null);
    }

    @Test
    void ofCheckpoints() throws Exception {
        test.checkpoints.add("job-a", 10);
        var checkpoints = CheckpointServiceGrpc.newBlockingStub(test.channel);
        String name = TestServer.name("job-a") + "/checkpoints/10";
        Checkpoint unpinned = checkpoints.getCheckpoint(
                GetCheckpointRequest.newBuilder().setName(name).build());
        Checkpoint pinned = checkpoints.updateCheckpoint(UpdateCheckpointRequest.newBuilder()
                .setName(name)
                .setPinned(true)
                .build());
        requireNoted("UpdateCheckpoint", unpinned, pinned);
        checkpoints.updateCheckpoint(
                UpdateCheckpointRequest.newBuilder().setName(name).build());
        requireNoted("UpdateCheckpoint", pinned, unpinned);
        checkpoints.deleteCheckpoint(
                DeleteCheckpointRequest.newBuilder().setName(name).build());
        requireNoted("DeleteCheckpoint", unpinned, null);
    }

    @Test
    void ofModels() throws Exception {
        var answer = new CompletableFuture<Model>();
        StreamObserver<ImportModelRequest> importing =
                ModelServiceGrpc.newStub(test.channel).importModel(new Last<>(answer));
        importing.onNext(ImportModelRequest.newBuilder()
                .setHeader(ImportModelHeader.newBuilder().setModelId("model-a"))
                .build());
        importing.onNext(ImportModelRequest.newBuilder()
                .setChunk(FileChunk.newBuilder()
                        .setPath("a.txt")
                        .setData(ByteString.copyFromUtf8("abc"))
                        .setLast(true))
                .build());
        importing.onCompleted();
        Model model = answer.get(1, TimeUnit.MINUTES);
        requireNoted("ImportModel", null, model);
        ModelServiceGrpc.newBlockingStub(test.channel)
                .deleteModel(
                        DeleteModelRequest.newBuilder().setName(model.getName()).build());
        requireNoted("DeleteModel", model, null);
    }

    @Test
    void ofUploads() throws Exception {
        var uploads = UploadServiceGrpc.newBlockingStub(test.channel);
        Upload made = uploads.createUpload(CreateUploadRequest.newBuilder()
                .setUploadId("upload-a")
                .setSizeBytes(3)
                .build());
        requireNoted("CreateUpload", null, made);
        var answer = new CompletableFuture<WriteResponse>();
        StreamObserver<WriteRequest> writing =
                ByteStreamGrpc.newStub(test.channel).write(new Last<>(answer));
        writing.onNext(WriteRequest.newBuilder()
                .setResourceName(made.getName())
                .setData(ByteString.copyFromUtf8("abc"))
                .setFinishWrite(true)
                .build());
        writing.onCompleted();
        assertThat(answer.get(1, TimeUnit.MINUTES).getCommittedSize()).isEqualTo(3);
        requireNoted("Write", null, null);
        Upload whole = uploads.createUpload(CreateUploadRequest.newBuilder()
                .setUploadId("upload-a")
                .setSizeBytes(3)
                .build());
        byte[] sha256 = MessageDigest.getInstance("SHA-256").digest("abc".getBytes(StandardCharsets.US_ASCII));
        Upload finalized = uploads.finalizeUpload(FinalizeUploadRequest.newBuilder()
                .setName(made.getName())
                .setSha256(HexFormat.of().formatHex(sha256))
                .build());
        requireNoted("FinalizeUpload", whole, finalized);
        uploads.deleteUpload(
                DeleteUploadRequest.newBuilder().setName(made.getName()).build());
        requireNoted("DeleteUpload", finalized, null);
    }

    /** The last message of a stream. */
    private record Last<T>(CompletableFuture<T> answer, AtomicReference<T> last) implements StreamObserver<T> {
        private Last(CompletableFuture<T> answer) {
            this(answer, new AtomicReference<>());
        }

        @Override
        public void onNext(T message) {
            last.set(message);
        }

        @Override
        public void onError(Throwable error) {
            answer.completeExceptionally(error);
        }

        @Override
        public void onCompleted() {
            answer.complete(last.get());
        }
    }
}
