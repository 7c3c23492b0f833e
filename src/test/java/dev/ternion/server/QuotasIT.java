package dev.ternion.server;

import static dev.ternion.server.TestServer.detail;
import static dev.ternion.server.TestServer.name;
import static dev.ternion.server.TestServer.reason;
import static dev.ternion.server.TestServer.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.QuotaFailure;
import com.google.rpc.Status;
import dev.ternion.api.SpecFixtures;
import dev.ternion.api.v1.CancelJobRequest;
import dev.ternion.api.v1.CreateJobRequest;
import dev.ternion.api.v1.CreateUploadRequest;
import dev.ternion.api.v1.Dataset;
import dev.ternion.api.v1.DatasetFormat;
import dev.ternion.api.v1.DatasetServiceGrpc;
import dev.ternion.api.v1.DeleteModelRequest;
import dev.ternion.api.v1.DeleteUploadRequest;
import dev.ternion.api.v1.FileChunk;
import dev.ternion.api.v1.GetJobRequest;
import dev.ternion.api.v1.ImportDatasetHeader;
import dev.ternion.api.v1.ImportDatasetRequest;
import dev.ternion.api.v1.ImportModelHeader;
import dev.ternion.api.v1.ImportModelRequest;
import dev.ternion.api.v1.Job;
import dev.ternion.api.v1.JobServiceGrpc;
import dev.ternion.api.v1.JobServiceGrpc.JobServiceBlockingStub;
import dev.ternion.api.v1.JobSpec;
import dev.ternion.api.v1.LogServiceGrpc;
import dev.ternion.api.v1.Model;
import dev.ternion.api.v1.ModelServiceGrpc;
import dev.ternion.api.v1.PauseJobRequest;
import dev.ternion.api.v1.ResumeJobRequest;
import dev.ternion.api.v1.TabularFormat;
import dev.ternion.api.v1.TailLogsRequest;
import dev.ternion.api.v1.UploadServiceGrpc;
import dev.ternion.api.v1.UploadServiceGrpc.UploadServiceBlockingStub;
import dev.ternion.api.v1.WatchJobRequest;
import dev.ternion.auth.Role;
import dev.ternion.jobs.JobState;
import dev.ternion.jobs.Opaque;
import dev.ternion.jobs.Placement;
import dev.ternion.jobs.Submission;
import io.grpc.Context;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each caller is held to its own quotas, beside others, whatever it repeats and does at the same time. */
class QuotasIT {
    private static final String SUBMITTER = FixedTokens.token(Role.SUBMITTER, "default");
    private static final String OPERATOR = FixedTokens.token(Role.OPERATOR, "default");
    private static final String REQUEST = "1b7d0c5e-4f7e-4c8e-9d55-3f6c2c1d8a10";

    private static final Duration HOUR = Duration.ofHours(1);

    @TempDir
    private Path folder;

    private TestServer test;

    @BeforeEach
    void start() throws Exception {
        Quotas quotas = new Quotas(
                new Quota(2, 1, HOUR, 100, 1000, 2), Map.of("token:" + OPERATOR, new Quota(3, 2, HOUR, 200, 2000, 3)));
        test = new TestServer(
                folder,
                settings -> settings.withQuotas(quotas),
                new ServerAccess(null, new FixedTokens(), null, () -> 0));
    }

    @AfterEach
    void stop() throws Exception {
        test.close();
    }

    private JobServiceBlockingStub jobs(String token) {
        return JobServiceGrpc.newBlockingStub(test.channel).withInterceptors(Bearer.of(token));
    }

    private static CreateJobRequest job(String id) {
        return TestServer.request(id, SpecFixtures.evaluate());
    }

    private static CreateJobRequest job(String id, String device) {
        JobSpec spec = SpecFixtures.evaluate();
        return TestServer.request(
                id,
                spec.toBuilder()
                        .setEvaluate(spec.getEvaluate().toBuilder().setDevice(device))
                        .build());
    }

    /** A job that has the device until the end. */
    private void occupy() {
        jobs(OPERATOR).createJob(job("occupies"));
        awaitState("occupies", JobState.RUNNING);
    }

    private void awaitState(String id, JobState state) {
        await().atMost(Duration.ofSeconds(60)).until(() -> test.queue.get(id).state() == state);
    }

    private void cancel(String id) {
        jobs(OPERATOR).cancelJob(CancelJobRequest.newBuilder().setName(name(id)).build());
    }

    private Job get(String id) {
        return jobs(SUBMITTER)
                .getJob(GetJobRequest.newBuilder().setName(name(id)).build());
    }

    private static void exceeded(Status status, String quota, String caller, long limit, long used) {
        assertThat(status.getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED_VALUE);
        assertThat(reason(status)).isEqualTo("QUOTA_EXCEEDED");
        assertThat(detail(status, ErrorInfo.class).getMetadataMap())
                .isEqualTo(Map.of(
                        "quota",
                        quota,
                        "caller",
                        "token:" + caller,
                        "limit",
                        String.valueOf(limit),
                        "used",
                        String.valueOf(used)));
        assertThat(detail(status, QuotaFailure.class).getViolations(0).getSubject())
                .isEqualTo("callers/token:" + caller + "/" + quota);
        assertThat(status.getMessage()).contains(" is " + limit + ", and " + used + " ");
    }

    @Test
    void waitingJobsAreCountedForEachOwner() {
        occupy();
        CreateJobRequest first = job("first").toBuilder().setRequestId(REQUEST).build();
        assertThat(jobs(SUBMITTER).createJob(first).getOwner()).isEqualTo("token:" + SUBMITTER);
        assertThat(jobs(SUBMITTER).createJob(first).getUid())
                .isEqualTo(jobs(SUBMITTER).createJob(first).getUid());
        jobs(SUBMITTER).createJob(job("second"));
        exceeded(refused(() -> jobs(SUBMITTER).createJob(job("third"))), "waiting_jobs", SUBMITTER, 2, 2);
        CreateJobRequest check = job("third").toBuilder().setValidateOnly(true).build();
        exceeded(refused(() -> jobs(SUBMITTER).createJob(check)), "waiting_jobs", SUBMITTER, 2, 2);
        assertThat(jobs(SUBMITTER).createJob(first).getName()).isEqualTo(name("first"));
        jobs(OPERATOR).createJob(job("others"));
        jobs(OPERATOR)
                .cancelJob(CancelJobRequest.newBuilder().setName(name("others")).build());

        jobs(OPERATOR)
                .pauseJob(PauseJobRequest.newBuilder().setName(name("first")).build());
        jobs(SUBMITTER).createJob(job("third"));
        ResumeJobRequest resume =
                ResumeJobRequest.newBuilder().setName(name("first")).build();
        exceeded(refused(() -> jobs(OPERATOR).resumeJob(resume)), "waiting_jobs", SUBMITTER, 2, 2);
        jobs(OPERATOR)
                .cancelJob(CancelJobRequest.newBuilder().setName(name("third")).build());
        assertThat(jobs(OPERATOR).resumeJob(resume).getState()).isEqualTo(Job.State.STATE_QUEUED);
        assertThat(test.queue.waiting("token:" + SUBMITTER)).isEqualTo(2);
    }

    @Test
    void parallelCreatesStayWithinIt() throws Exception {
        occupy();
        ExecutorService clients = Executors.newFixedThreadPool(8);
        List<Callable<String>> creates = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            String id = "parallel-" + i;
            creates.add(() -> {
                try {
                    return jobs(SUBMITTER).createJob(job(id)).getOwner();
                } catch (StatusRuntimeException e) {
                    return reason(StatusProto.fromThrowable(e));
                }
            });
        }
        List<Future<String>> asked = new ArrayList<>();
        // While this one is about to be stored no other is: all have been let through to here at the same time.
        assertThatThrownBy(() -> test.queue.submit(
                        new Submission("never-made", "", Opaque.EMPTY, Placement.on("cpu"), "", ""), () -> {
                            creates.forEach(create -> asked.add(clients.submit(create)));
                            await().until(() -> creating() == creates.size());
                            throw new IllegalStateException("not made");
                        }))
                .hasMessage("not made");
        List<String> answers = new ArrayList<>();
        for (Future<String> answer : asked) {
            answers.add(answer.get());
        }
        clients.shutdown();
        assertThat(answers).filteredOn("QUOTA_EXCEEDED"::equals).hasSize(6);
        assertThat(answers).filteredOn(("token:" + SUBMITTER)::equals).hasSize(2);
    }

    /** Threads that are about to store a job. */
    private static int creating() {
        return (int) Thread.getAllStackTraces().values().stream()
                .filter(stack -> Arrays.stream(stack)
                        .anyMatch(frame -> frame.getClassName().equals(JobCreation.class.getName())
                                && frame.getMethodName().equals("submit")))
                .count();
    }

    @Test
    void runningJobsAreHeldBackAndOvertaken() {
        test.catalog.devices = Set.of("cpu", "cuda:0");
        jobs(SUBMITTER).createJob(job("mine-a", "cuda:0"));
        awaitState("mine-a", JobState.RUNNING);
        Job held = jobs(SUBMITTER).createJob(job("mine-b", "cpu"));
        assertThat(held.getStateReason())
                .isEqualTo("waiting for device cpu: held back by quota running_jobs of token:" + SUBMITTER
                        + ": 1 of at most 1 jobs with a device");
        jobs(OPERATOR).createJob(job("other-a", "cpu"));
        awaitState("other-a", JobState.RUNNING);
        cancel("other-a");
        jobs(OPERATOR).createJob(job("other-b", "cpu"));
        awaitState("other-b", JobState.RUNNING);
        assertThat(get("mine-b").getState()).isEqualTo(Job.State.STATE_QUEUED);
        assertThat(get("mine-b").getStateReason()).isEqualTo(held.getStateReason());
        cancel("other-b");
        cancel("mine-a");
        awaitState("mine-b", JobState.RUNNING);
    }

    @Test
    void whoHasUsedItsDeviceSecondsWaitsAndMakesNoNewJobs() {
        jobs(SUBMITTER).createJob(job("long-job"));
        awaitState("long-job", JobState.RUNNING);
        jobs(SUBMITTER).createJob(job("mine"));
        test.runs.active("long-job", 1, HOUR);
        cancel("long-job");
        awaitState("long-job", JobState.CANCELLED);
        String reason = "waiting for device cpu: held back by quota device_seconds of token:" + SUBMITTER + ": ";
        assertThat(get("mine").getStateReason()).startsWith(reason).contains(" of at most 3600 seconds", ", until ");
        CreateJobRequest check = job("more").toBuilder().setValidateOnly(true).build();
        for (CreateJobRequest request : List.of(job("more"), check)) {
            Status refused = refused(() -> jobs(SUBMITTER).createJob(request));
            assertThat(reason(refused)).isEqualTo("QUOTA_EXCEEDED");
            assertThat(detail(refused, ErrorInfo.class).getMetadataMap())
                    .containsEntry("quota", "device_seconds")
                    .containsEntry("caller", "token:" + SUBMITTER)
                    .containsEntry("limit", "3600");
            assertThat(refused.getMessage()).contains("seconds were used in the last 24 hours; try again at ");
        }
        jobs(OPERATOR).createJob(job("others"));
        awaitState("others", JobState.RUNNING);
        jobs(OPERATOR)
                .pauseJob(PauseJobRequest.newBuilder().setName(name("mine")).build());
        Job resumed = jobs(OPERATOR)
                .resumeJob(ResumeJobRequest.newBuilder().setName(name("mine")).build());
        assertThat(resumed.getStateReason()).as("resumed, not refused").startsWith(reason);
    }

    @Test
    void uploadsAreCountedByTheirSizes() {
        UploadServiceBlockingStub mine =
                UploadServiceGrpc.newBlockingStub(test.channel).withInterceptors(Bearer.of(SUBMITTER));
        UploadServiceBlockingStub others =
                UploadServiceGrpc.newBlockingStub(test.channel).withInterceptors(Bearer.of(OPERATOR));
        mine.createUpload(upload("upload-a", 60));
        mine.createUpload(upload("upload-a", 60));
        exceeded(refused(() -> mine.createUpload(upload("upload-b", 41))), "upload_bytes", SUBMITTER, 100, 60);
        mine.createUpload(upload("upload-b", 40));
        exceeded(refused(() -> mine.createUpload(upload("upload-c", 1))), "upload_bytes", SUBMITTER, 100, 100);
        others.createUpload(upload("upload-d", 200));
        mine.deleteUpload(DeleteUploadRequest.newBuilder()
                .setName("projects/default/uploads/upload-b")
                .build());
        mine.createUpload(upload("upload-c", 40));
    }

    private static CreateUploadRequest upload(String id, long size) {
        return CreateUploadRequest.newBuilder()
                .setParent("projects/default")
                .setUploadId(id)
                .setSizeBytes(size)
                .build();
    }

    @Test
    void whatIsStoredIsCountedOfAllKinds_andRefusesImportsAndJobs() throws Exception {
        assertThat(importModel(SUBMITTER, "mine", 600)).isNull();
        exceeded(importModel(SUBMITTER, "more", 401), "stored_bytes", SUBMITTER, 1000, 600);
        assertThat(test.models.find("more")).isEmpty();
        assertThat(importModel(OPERATOR, "others", 1999)).isNull();
        assertThat(importDataset(SUBMITTER, "my-set", 300)).isNull();
        exceeded(importDataset(SUBMITTER, "more", 101), "stored_bytes", SUBMITTER, 1000, 900);
        occupy();
        jobs(SUBMITTER).createJob(job("first"));
        jobs(SUBMITTER).createJob(job("waits"));
        jobs(OPERATOR)
                .pauseJob(PauseJobRequest.newBuilder().setName(name("first")).build());

        test.checkpoints.bytes.put("token:" + SUBMITTER, 100L);
        CreateJobRequest check = job("second").toBuilder().setValidateOnly(true).build();
        ResumeJobRequest resume =
                ResumeJobRequest.newBuilder().setName(name("first")).build();
        for (ThrowingCallable call : List.<ThrowingCallable>of(
                () -> jobs(SUBMITTER).createJob(job("second")),
                () -> jobs(SUBMITTER).createJob(check),
                () -> jobs(OPERATOR).resumeJob(resume))) {
            exceeded(refused(call), "stored_bytes", SUBMITTER, 1000, 1000);
        }
        exceeded(importModel(SUBMITTER, "more", 0), "stored_bytes", SUBMITTER, 1000, 1000);
        exceeded(importDataset(SUBMITTER, "more", 0), "stored_bytes", SUBMITTER, 1000, 1000);
        assertThat(get("first").getState()).isEqualTo(Job.State.STATE_PAUSED);
        assertThat(reason(refused(() -> jobs(OPERATOR)
                        .resumeJob(ResumeJobRequest.newBuilder()
                                .setName(name("waits"))
                                .build()))))
                .isEqualTo("JOB_NOT_PAUSED");
        cancel("waits");

        ModelServiceGrpc.newBlockingStub(test.channel)
                .withInterceptors(Bearer.of(OPERATOR))
                .deleteModel(DeleteModelRequest.newBuilder()
                        .setName("projects/default/models/mine")
                        .build());
        assertThat(jobs(OPERATOR).resumeJob(resume).getState()).isEqualTo(Job.State.STATE_QUEUED);
        assertThat(jobs(SUBMITTER).createJob(job("second")).getState()).isEqualTo(Job.State.STATE_QUEUED);
        assertThat(importModel(SUBMITTER, "more", 600)).as("up to the limit").isNull();
    }

    /** Uploads one file in one stream, or, without bytes, sends the header and waits; why it was refused, null if it was not. */
    private Status importModel(String token, String id, int bytes) throws Exception {
        return importFile(
                (StreamObserver<Model> observer) -> ModelServiceGrpc.newStub(test.channel)
                        .withInterceptors(Bearer.of(token))
                        .importModel(observer),
                ImportModelRequest.newBuilder()
                        .setHeader(ImportModelHeader.newBuilder().setModelId(id))
                        .build(),
                chunk -> ImportModelRequest.newBuilder().setChunk(chunk).build(),
                bytes);
    }

    private Status importDataset(String token, String id, int bytes) throws Exception {
        return importFile(
                (StreamObserver<Dataset> observer) -> DatasetServiceGrpc.newStub(test.channel)
                        .withInterceptors(Bearer.of(token))
                        .importDataset(observer),
                ImportDatasetRequest.newBuilder()
                        .setHeader(ImportDatasetHeader.newBuilder()
                                .setDatasetId(id)
                                .setFormat(DatasetFormat.newBuilder()
                                        .setTabular(TabularFormat.newBuilder().setTrainFile("file.tsv"))))
                        .build(),
                chunk -> ImportDatasetRequest.newBuilder().setChunk(chunk).build(),
                bytes);
    }

    private static <Q, R> Status importFile(
            Function<StreamObserver<R>, StreamObserver<Q>> call, Q header, Function<FileChunk, Q> message, int bytes)
            throws Exception {
        CompletableFuture<Status> answer = new CompletableFuture<>();
        StreamObserver<Q> requests = call.apply(new StreamObserver<>() {
            @Override
            public void onNext(R imported) {
                answer.complete(null);
            }

            @Override
            public void onError(Throwable thrown) {
                answer.complete(StatusProto.fromThrowable(thrown));
            }

            @Override
            public void onCompleted() {}
        });
        requests.onNext(header);
        if (bytes > 0) {
            requests.onNext(message.apply(FileChunk.newBuilder()
                    .setPath("file.tsv")
                    .setData(ByteString.copyFromUtf8("x".repeat(bytes)))
                    .setLast(true)
                    .build()));
            requests.onCompleted();
        }
        return answer.get(1, TimeUnit.MINUTES);
    }

    @Test
    void watchesAreCountedWhileTheyAreOpen() {
        occupy();
        Context.CancellableContext first = watch(SUBMITTER);
        watch(SUBMITTER);
        exceeded(refused(() -> watch(SUBMITTER)), "watch_streams", SUBMITTER, 2, 2);
        TailLogsRequest tail =
                TailLogsRequest.newBuilder().setName(name("occupies")).build();
        exceeded(
                refused(() -> LogServiceGrpc.newBlockingStub(test.channel)
                        .withInterceptors(Bearer.of(SUBMITTER))
                        .tailLogs(tail)
                        .next()),
                "watch_streams",
                SUBMITTER,
                2,
                2);
        watch(OPERATOR);
        first.cancel(null);
        await().until(() -> test.server.openWatches() == 2);
        watch(SUBMITTER);
        exceeded(refused(() -> watch(SUBMITTER)), "watch_streams", SUBMITTER, 2, 2);
    }

    /** Opens a watch and returns when it has begun. */
    private Context.CancellableContext watch(String token) {
        Context.CancellableContext context = Context.current().withCancellation();
        WatchJobRequest request =
                WatchJobRequest.newBuilder().setName(name("occupies")).build();
        context.run(() -> jobs(token).watchJob(request).next());
        return context;
    }
}
