package dev.ternion.server;

import static dev.ternion.server.TestServer.detail;
import static dev.ternion.server.TestServer.name;
import static dev.ternion.server.TestServer.reason;
import static dev.ternion.server.TestServer.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.rpc.Code;
import com.google.rpc.ResourceInfo;
import com.google.rpc.Status;
import dev.ternion.api.CheckpointName;
import dev.ternion.api.SpecFixtures;
import dev.ternion.api.v1.Checkpoint;
import dev.ternion.api.v1.CheckpointServiceGrpc;
import dev.ternion.api.v1.CheckpointServiceGrpc.CheckpointServiceBlockingStub;
import dev.ternion.api.v1.CreateCheckpointRequest;
import dev.ternion.api.v1.DeleteCheckpointRequest;
import dev.ternion.api.v1.DeleteJobRequest;
import dev.ternion.api.v1.GetCheckpointRequest;
import dev.ternion.api.v1.ListCheckpointsRequest;
import dev.ternion.api.v1.ListCheckpointsResponse;
import dev.ternion.api.v1.PauseJobRequest;
import dev.ternion.api.v1.UpdateCheckpointRequest;
import dev.ternion.api.v1.VerifyCheckpointRequest;
import dev.ternion.jobs.JobState;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What clients may do with checkpoints, and what is refused and why. */
class CheckpointServiceIT {
    @TempDir
    private Path folder;

    private TestServer test;
    private CheckpointServiceBlockingStub checkpoints;

    @BeforeEach
    void start() throws Exception {
        test = new TestServer(folder);
        checkpoints = CheckpointServiceGrpc.newBlockingStub(test.channel);
    }

    @AfterEach
    void stop() throws Exception {
        test.close();
    }

    private Checkpoint pin(String checkpoint, boolean pinned) {
        return checkpoints.updateCheckpoint(UpdateCheckpointRequest.newBuilder()
                .setName(checkpoint)
                .setPinned(pinned)
                .build());
    }

    private void delete(String checkpoint) {
        checkpoints.deleteCheckpoint(
                DeleteCheckpointRequest.newBuilder().setName(checkpoint).build());
    }

    private static String at(String job, long step) {
        return new CheckpointName(job, step).toString();
    }

    @Test
    void pagesByRisingStep() {
        test.create("paged");
        assertThat(list("paged", 2, "").getCheckpointsList()).isEmpty();
        test.checkpoints.add("paged", 9, 10, 100);
        ListCheckpointsResponse first = list("paged", 2, "");
        ListCheckpointsResponse second = list("paged", 2, first.getNextPageToken());
        assertThat(first.getCheckpointsList())
                .extracting(Checkpoint::getJobStep)
                .containsExactly(9L, 10L);
        assertThat(second.getCheckpointsList())
                .extracting(Checkpoint::getName)
                .containsExactly("projects/default/jobs/paged/checkpoints/100");
        assertThat(second.getNextPageToken()).isEmpty();
    }

    private ListCheckpointsResponse list(String job, int size, String token) {
        return checkpoints.listCheckpoints(ListCheckpointsRequest.newBuilder()
                .setParent(name(job))
                .setPageSize(size)
                .setPageToken(token)
                .build());
    }

    @Test
    void whatIsNotThereIsNotFound_andWhatIsNoNameIsSaid() {
        assertThat(reason(refused(() -> list("none", 0, "")))).isEqualTo("JOB_NOT_FOUND");
        assertThat(reason(refused(() -> pin(at("none", 1), true)))).isEqualTo("JOB_NOT_FOUND");
        test.create("known");
        Status missing = refused(() -> checkpoints.getCheckpoint(
                GetCheckpointRequest.newBuilder().setName(at("known", 1)).build()));
        assertThat(missing.getCode()).isEqualTo(Code.NOT_FOUND_VALUE);
        assertThat(reason(missing)).isEqualTo("CHECKPOINT_NOT_FOUND");
        assertThat(detail(missing, ResourceInfo.class).getResourceName()).isEqualTo(at("known", 1));
        for (String bad : List.of(
                "",
                "known",
                name("known") + "/checkpoints/",
                at("known", 1) + "/x",
                name("known") + "/checkpoints/01",
                name("..") + "/checkpoints/1",
                name("known") + "/checkpoints/9999999999999")) {
            assertThat(reason(refused(() -> delete(bad)))).as(bad).isEqualTo("REQUEST_INVALID");
        }
    }

    @Test
    void theNewestTwoOfAJobThatMayGoOnCannotBeDeleted_norPinnedOnes() {
        test.create("waits");
        test.jobs.pauseJob(PauseJobRequest.newBuilder().setName(name("waits")).build());
        test.checkpoints.add("waits", 1, 2, 3);
        for (long needed : new long[] {2, 3}) {
            assertThat(reason(refused(() -> delete(at("waits", needed))))).isEqualTo("CHECKPOINT_IN_USE");
        }
        assertThat(pin(at("waits", 1), true).getPinned()).isTrue();
        assertThat(reason(refused(() -> delete(at("waits", 1))))).isEqualTo("CHECKPOINT_PINNED");
        assertThat(pin(at("waits", 1), false).getPinned()).isFalse();
        delete(at("waits", 1));
        assertThat(list("waits", 0, "").getCheckpointsCount()).isEqualTo(2);
    }

    private Checkpoint make(String job) {
        return checkpoints.createCheckpoint(
                CreateCheckpointRequest.newBuilder().setParent(name(job)).build());
    }

    private void running(String id) {
        test.jobs.createJob(TestServer.request(id, SpecFixtures.fineTune()));
        await().until(() -> test.queue.get(id).state() == JobState.RUNNING);
    }

    @Test
    void aRunningJobIsAskedForACheckpoint_andTheAnswerIsThatOne() {
        running("trains");
        test.runner.onCheckpoint(request -> {
            test.checkpoints.add("trains", 5);
            request.answer(OptionalLong.of(5));
        });
        Checkpoint made = make("trains");
        assertThat(made.getName()).isEqualTo(at("trains", 5));
        assertThat(test.queue.get("trains").state()).isEqualTo(JobState.RUNNING);
    }

    @Test
    void whatCannotMakeACheckpointSaysWhy() {
        assertThat(reason(refused(() -> make("none")))).isEqualTo("JOB_NOT_FOUND");
        assertThat(reason(refused(() -> make("..")))).isEqualTo("REQUEST_INVALID");
        running("trains");
        test.jobs.createJob(TestServer.request("waits", SpecFixtures.fineTune()));
        assertThat(reason(refused(() -> make("waits")))).isEqualTo("JOB_NOT_RUNNING");
        test.create("evaluates");
        assertThat(reason(refused(() -> make("evaluates")))).isEqualTo("JOB_WITHOUT_CHECKPOINTS");
        test.runner.onCheckpoint(request -> request.answer(OptionalLong.empty()));
        Status failed = refused(() -> make("trains"));
        assertThat(failed.getCode()).isEqualTo(Code.FAILED_PRECONDITION_VALUE);
        assertThat(reason(failed)).isEqualTo("CHECKPOINT_NOT_MADE");
        // One that ends before it has made one.
        test.runner.onCheckpoint(request -> test.queue.cancel("trains", "cancelled"));
        Status ended = refused(() -> make("trains"));
        assertThat(reason(ended)).isEqualTo("CHECKPOINT_NOT_MADE");
        assertThat(ended.getMessage()).contains("CANCELLED");
        assertThat(reason(refused(() -> make("trains")))).isEqualTo("JOB_FINAL");
    }

    /** More of them than the server has threads. */
    @Test
    void thoseWhoWaitHoldNoThread() throws Exception {
        running("trains");
        List<ListenableFuture<Checkpoint>> waiting = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            waiting.add(CheckpointServiceGrpc.newFutureStub(test.channel)
                    .createCheckpoint(CreateCheckpointRequest.newBuilder()
                            .setParent(name("trains"))
                            .build()));
        }
        assertThat(reason(refused(() -> checkpoints
                        .withDeadlineAfter(1, TimeUnit.MINUTES)
                        .getCheckpoint(GetCheckpointRequest.newBuilder()
                                .setName(at("trains", 1))
                                .build()))))
                .isEqualTo("CHECKPOINT_NOT_FOUND");
        test.runner.onCheckpoint(request -> {
            test.checkpoints.add("trains", 8);
            request.answer(OptionalLong.of(8));
        });
        for (ListenableFuture<Checkpoint> one : waiting) {
            assertThat(one.get(1, TimeUnit.MINUTES).getJobStep()).isEqualTo(8);
        }
    }

    private static ServerSettings impatient(ServerSettings settings) {
        return new ServerSettings(
                settings.host(),
                settings.port(),
                settings.uploadFolder(),
                settings.importRoots(),
                settings.maxUploadBytes(),
                settings.threads(),
                settings.maxQueuedCalls(),
                settings.heartbeat(),
                settings.unaryDeadline(),
                Duration.ofSeconds(1),
                settings.quotas());
    }

    @Test
    void aCallThatTakesTooLongEndsAndTheNextOneIsAnswered() throws Exception {
        stop();
        test = new TestServer(folder.resolve("short"), CheckpointServiceIT::impatient);
        checkpoints = CheckpointServiceGrpc.newBlockingStub(test.channel);
        running("trains");
        assertThatThrownBy(() -> make("trains"))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        e -> assertThat(e.getStatus().getCode()).isEqualTo(io.grpc.Status.Code.DEADLINE_EXCEEDED));
        test.runner.onCheckpoint(request -> {
            test.checkpoints.add("trains", 2);
            request.answer(OptionalLong.of(2));
        });
        await().ignoreExceptions().until(() -> make("trains").getJobStep() == 2);
    }

    @Test
    void soManyMayBePinned() {
        test.create("many");
        long[] steps =
                LongStream.rangeClosed(1, CheckpointGrpcService.MAX_PINNED + 1).toArray();
        test.checkpoints.add("many", steps);
        for (int i = 0; i < CheckpointGrpcService.MAX_PINNED; i++) {
            pin(at("many", steps[i]), true);
            pin(at("many", steps[i]), true);
        }
        Status refused = refused(() -> pin(at("many", steps[steps.length - 1]), true));
        assertThat(refused.getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED_VALUE);
        assertThat(reason(refused)).isEqualTo("PIN_LIMIT");
    }

    @Test
    void aJobWithPinnedCheckpointsIsNotDeleted_itsOtherOnesGoWithIt() {
        test.runner.allow(3);
        test.create("done");
        await().until(() -> test.queue.get("done").state().isFinal());
        test.checkpoints.add("done", 1, 2);
        pin(at("done", 2), true);
        DeleteJobRequest request =
                DeleteJobRequest.newBuilder().setName(name("done")).build();
        assertThat(reason(refused(() -> test.jobs.deleteJob(request)))).isEqualTo("CHECKPOINT_PINNED");
        assertThat(test.checkpoints.list("done")).hasSize(2);
        pin(at("done", 2), false);
        test.jobs.deleteJob(request);
        assertThat(test.checkpoints.list("done")).isEmpty();
    }

    @Test
    void verifyNamesTheDamage_andReadsOneAtATime() {
        test.create("read");
        test.checkpoints.add("read", 1, 2);
        VerifyCheckpointRequest request =
                VerifyCheckpointRequest.newBuilder().setName(at("read", 1)).build();
        test.checkpoints.reading = () -> assertThat(reason(refused(() -> checkpoints.verifyCheckpoint(request))))
                .isEqualTo("OVERLOADED");
        checkpoints.verifyCheckpoint(request);
        test.checkpoints.reading = () -> {};
        test.checkpoints.damaged.put(
                new CheckpointName("read", 2), "training-0.safetensors: expected sha256 12, got 34");
        Status lost = refused(() -> checkpoints.verifyCheckpoint(
                VerifyCheckpointRequest.newBuilder().setName(at("read", 2)).build()));
        assertThat(lost.getCode()).isEqualTo(Code.DATA_LOSS_VALUE);
        assertThat(reason(lost)).isEqualTo("CHECKPOINT_CORRUPT");
        assertThat(lost.getMessage()).contains("training-0.safetensors: expected sha256 12, got 34");
        assertThat(detail(lost, ResourceInfo.class).getResourceName()).isEqualTo(at("read", 2));
        checkpoints.verifyCheckpoint(request);
    }
}
