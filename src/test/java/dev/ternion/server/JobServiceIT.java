package dev.ternion.server;

import static dev.ternion.server.TestServer.detail;
import static dev.ternion.server.TestServer.name;
import static dev.ternion.server.TestServer.reason;
import static dev.ternion.server.TestServer.refused;
import static dev.ternion.server.TestServer.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Duration;
import com.google.protobuf.util.Durations;
import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.PreconditionFailure;
import com.google.rpc.ResourceInfo;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import dev.ternion.api.SpecFixtures;
import dev.ternion.api.v1.CancelJobRequest;
import dev.ternion.api.v1.CreateJobRequest;
import dev.ternion.api.v1.DeleteJobRequest;
import dev.ternion.api.v1.GetJobReportRequest;
import dev.ternion.api.v1.GetJobRequest;
import dev.ternion.api.v1.Job;
import dev.ternion.api.v1.Job.State;
import dev.ternion.api.v1.JobAttempt;
import dev.ternion.api.v1.JobSpec;
import dev.ternion.api.v1.ListAttemptsRequest;
import dev.ternion.api.v1.ListJobsRequest;
import dev.ternion.api.v1.ListJobsResponse;
import dev.ternion.api.v1.PauseJobRequest;
import dev.ternion.api.v1.ResumeJobRequest;
import dev.ternion.recipe.JobFailure;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobServiceIT {
    @TempDir
    Path folder;

    private TestServer test;

    @BeforeEach
    void start() throws Exception {
        test = new TestServer(folder);
    }

    @AfterEach
    void stop() throws Exception {
        test.close();
    }

    @Test
    void aJobIsQueuedRunsAndLeavesAReport() {
        Job created = test.create("job-a");
        assertThat(created.getName()).isEqualTo(name("job-a"));
        assertThat(created.getState()).isIn(State.STATE_QUEUED, State.STATE_RUNNING);
        assertThat(created.getSpec().getEvaluate().getBatchSize()).isEqualTo(32);
        test.runner.allow(3);
        Job ended = awaitFinal("job-a");
        assertThat(ended.getState()).isEqualTo(State.STATE_SUCCEEDED);
        assertThat(ended.getEtag()).isNotEqualTo(created.getEtag());
        assertThat(ended.hasEndTime()).isTrue();
        assertThat(test.jobs
                        .getJobReport(GetJobReportRequest.newBuilder()
                                .setName(name("job-a"))
                                .build())
                        .getNotesList())
                .containsExactly("scripted");
    }

    @Test
    void allThatIsWrongComesInOneBadRequest() {
        JobSpec.Builder spec = SpecFixtures.qat().toBuilder();
        spec.getQatBuilder().setTeacher("nobody").getQuantBuilder().setActivationBits(9);
        CreateJobRequest request = request("JOB", spec.build()).toBuilder()
                .setParent("projects/mine")
                .setRequestId("no uuid")
                .build();
        Status status = refused(() -> test.jobs.createJob(request));
        assertThat(status.getCode()).isEqualTo(Code.INVALID_ARGUMENT_VALUE);
        assertThat(reason(status)).isEqualTo("SPEC_INVALID");
        assertThat(detail(status, BadRequest.class).getFieldViolationsList())
                .extracting(BadRequest.FieldViolation::getField)
                .containsExactlyInAnyOrder(
                        "parent",
                        "job_id",
                        "request_id",
                        "spec.qat.quant.activation_bits",
                        "spec.qat.teacher",
                        "spec.qat.output_model",
                        "spec.qat.output_model");
    }

    @Test
    void validateOnlyChangesNothingAndRefusesTheSame() {
        CreateJobRequest request = request("job-a", SpecFixtures.evaluate()).toBuilder()
                .setValidateOnly(true)
                .build();
        assertThat(test.jobs.createJob(request).getSpec().getEvaluate().getDevice())
                .isEqualTo("cpu");
        assertThat(reason(refused(() -> get("job-a")))).isEqualTo("JOB_NOT_FOUND");
        test.create("job-a");
        Status taken = refused(() -> test.jobs.createJob(request));
        assertThat(taken.getCode()).isEqualTo(Code.ALREADY_EXISTS_VALUE);
        assertThat(detail(taken, ResourceInfo.class).getResourceName()).isEqualTo(name("job-a"));
    }

    @Test
    void aRepeatedRequestGivesTheSameJob() {
        CreateJobRequest request = request("", SpecFixtures.evaluate()).toBuilder()
                .setRequestId(UUID.randomUUID().toString())
                .build();
        Job first = test.jobs.createJob(request);
        assertThat(test.jobs.createJob(request).getUid()).isEqualTo(first.getUid());
        CreateJobRequest other = request.toBuilder()
                .setJob(request.getJob().toBuilder().setDisplayName("other"))
                .build();
        assertThat(reason(refused(() -> test.jobs.createJob(other)))).isEqualTo("REQUEST_ID_REUSED");
    }

    @Test
    void aPriorityIsBoundedAndShown() {
        test.create("job-run");
        await().until(() -> get("job-run").getState() == State.STATE_RUNNING);
        test.create("job-wait");
        CreateJobRequest.Builder urgent = request("job-urgent", SpecFixtures.evaluate()).toBuilder();
        urgent.getJobBuilder().setPriority(101);
        Status refused = refused(() -> test.jobs.createJob(urgent.build()));
        assertThat(detail(refused, BadRequest.class).getFieldViolations(0).getField())
                .isEqualTo("priority");
        urgent.getJobBuilder().setPriority(100);
        Job first = test.jobs.createJob(urgent.build());
        assertThat(first.getPriority()).isEqualTo(100);
        assertThat(first.getQueuePosition()).isEqualTo(1);
        assertThat(get("job-wait").getQueuePosition()).isEqualTo(2);
    }

    @Test
    void aJobExpiresAfterItsLongestTime() {
        CreateJobRequest.Builder request = request("job-long", SpecFixtures.evaluate()).toBuilder();
        for (Duration wrong : List.of(
                Durations.fromMillis(999),
                Durations.fromDays(366),
                Duration.newBuilder().setSeconds(1).setNanos(-1).build())) {
            request.getJobBuilder().setMaxRunTime(wrong);
            Status refused = refused(() -> test.jobs.createJob(request.build()));
            assertThat(detail(refused, BadRequest.class).getFieldViolations(0).getField())
                    .isEqualTo("max_run_time");
        }
        request.getJobBuilder().setMaxRunTime(Durations.fromSeconds(1));
        assertThat(test.jobs
                        .createJob(request.clone().setValidateOnly(true).build())
                        .getMaxRunTime())
                .isEqualTo(Durations.fromSeconds(1));
        assertThat(test.jobs.createJob(request.build()).getMaxRunTime()).isEqualTo(Durations.fromSeconds(1));
        Job expired = awaitFinal("job-long");
        assertThat(expired.getState()).isEqualTo(State.STATE_EXPIRED);
        assertThat(expired.getError().getCode()).isEqualTo(Code.DEADLINE_EXCEEDED_VALUE);
        assertThat(reason(expired.getError())).isEqualTo("DEADLINE");
        assertThat(Durations.toMillis(expired.getRunTime())).isBetween(1000L, 60_000L);
    }

    @Test
    void aJobThatNoDeviceCanHoldIsRefused() {
        test.catalog.leastMemory = (64 << 20) + 1;
        CreateJobRequest.Builder request = request("job-big", SpecFixtures.evaluate()).toBuilder();
        request.getJobBuilder().getSpecBuilder().getEvaluateBuilder().setDeviceMemoryMib(64);
        insufficient(request.build(), 64 << 20, "a larger device_memory_mib");
        insufficient(request.clone().setValidateOnly(true).build(), 64 << 20, "a larger device_memory_mib");
        test.catalog.deviceMemory = 32 << 20;
        insufficient(request.build(), 32 << 20, "another device");
        test.catalog.deviceMemory = 0;
        test.catalog.leastMemory = 64 << 20;
        assertThat(test.jobs.createJob(request.build()).getName()).isEqualTo(name("job-big"));
    }

    private void insufficient(CreateJobRequest request, int have, String suggestion) {
        Status refused = refused(() -> test.jobs.createJob(request));
        assertThat(refused.getCode()).isEqualTo(Code.FAILED_PRECONDITION_VALUE);
        ErrorInfo info = detail(refused, ErrorInfo.class);
        assertThat(info.getReason()).isEqualTo("INSUFFICIENT_MEMORY");
        assertThat(info.getMetadataMap())
                .containsEntry("need_bytes", String.valueOf((64 << 20) + 1))
                .containsEntry("have_bytes", String.valueOf(have));
        assertThat(info.getMetadataOrThrow("suggestions")).endsWith(suggestion);
        assertThat(detail(refused, PreconditionFailure.class).getViolations(0).getSubject())
                .isEqualTo("device cpu");
    }

    @Test
    void aJobIsPausedAndResumed() {
        test.create("job-run");
        test.create("job-wait");
        await().until(() -> get("job-run").getState() == State.STATE_RUNNING);
        assertThat(pause("job-wait").getState()).isEqualTo(State.STATE_PAUSED);
        test.runner.deaf(true);
        assertThat(pause("job-run").getState()).isEqualTo(State.STATE_PAUSING);
        Status early = refused(() -> resume("job-run"));
        assertThat(early.getCode()).isEqualTo(Code.FAILED_PRECONDITION_VALUE);
        assertThat(reason(early)).isEqualTo("JOB_NOT_PAUSED");
        test.runner.deaf(false);
        await().until(() -> get("job-run").getState() == State.STATE_PAUSED);
        assertThat(get("job-run").getAttempts()).isZero();
        test.runner.allow(3);
        assertThat(resume("job-run").getState()).isEqualTo(State.STATE_QUEUED);
        await().until(() -> get("job-run").getState() == State.STATE_SUCCEEDED);
        assertThat(get("job-run").getAttempts()).isEqualTo(1);
        assertThat(reason(refused(() -> pause("job-run")))).isEqualTo("JOB_FINAL");
        assertThat(reason(refused(() -> resume("job-run")))).isEqualTo("JOB_FINAL");
        assertThat(reason(refused(() -> pause("job-none")))).isEqualTo("JOB_NOT_FOUND");
        assertThat(get("job-wait").getState()).isEqualTo(State.STATE_PAUSED);
        List<JobAttempt> attempts = attempts("job-run");
        assertThat(attempts)
                .extracting(JobAttempt::getNumber, JobAttempt::getOutcome, JobAttempt::getReason)
                .containsExactly(
                        tuple(2, JobAttempt.Outcome.OUTCOME_SUCCEEDED, "done"),
                        tuple(1, JobAttempt.Outcome.OUTCOME_PAUSED, "paused on request"));
        assertThat(attempts.get(0).getName()).isEqualTo(name("job-run") + "/attempts/2");
        assertThat(attempts.get(1).hasEndTime()).isTrue();
        assertThat(attempts("job-wait")).isEmpty();
        assertThat(reason(refused(() -> attempts("job-none")))).isEqualTo("JOB_NOT_FOUND");
    }

    private List<JobAttempt> attempts(String id) {
        return test.jobs
                .listAttempts(
                        ListAttemptsRequest.newBuilder().setParent(name(id)).build())
                .getAttemptsList();
    }

    private Job pause(String id) {
        return test.jobs.pauseJob(PauseJobRequest.newBuilder().setName(name(id)).build());
    }

    private Job resume(String id) {
        return test.jobs.resumeJob(
                ResumeJobRequest.newBuilder().setName(name(id)).build());
    }

    @Test
    void aFullQueueSaysSoAndWhenToTryAgain() {
        test.create("job-run");
        await().until(() -> get("job-run").getState() == State.STATE_RUNNING);
        for (int i = 1; i <= TestServer.MAX_WAITING; i++) {
            Job waiting = test.create("job-" + i);
            assertThat(waiting.getQueuePosition()).isEqualTo(i);
        }
        assertThat(get("job-3").getStateReason()).isEqualTo("waiting for device cpu: 3 jobs before this one");
        Status full = refused(() -> test.create("job-4"));
        assertThat(full.getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED_VALUE);
        assertThat(full.getMessage())
                .isEqualTo("the queue is full: 3 jobs wait, at most 3 may; try again when one has finished, or cancel"
                        + " one");
        assertThat(reason(full)).isEqualTo("QUEUE_FULL");
        assertThat(detail(full, RetryInfo.class).getRetryDelay().getSeconds()).isPositive();
    }

    @Test
    void cancelWaitingRunningAndFinal() {
        test.create("job-a");
        await().until(() -> get("job-a").getState() == State.STATE_RUNNING);
        test.create("job-b");
        assertThat(cancel("job-b").getState()).isEqualTo(State.STATE_CANCELLED);
        assertThat(cancel("job-a").getState()).isIn(State.STATE_CANCELLING, State.STATE_CANCELLED);
        assertThat(awaitFinal("job-a").getState()).isEqualTo(State.STATE_CANCELLED);
        Status status = refused(() -> cancel("job-a"));
        assertThat(status.getCode()).isEqualTo(Code.FAILED_PRECONDITION_VALUE);
        assertThat(reason(status)).isEqualTo("JOB_FINAL");
        assertThat(detail(status, PreconditionFailure.class).getViolations(0).getSubject())
                .isEqualTo(name("job-a"));
    }

    @Test
    void onlyFinalJobsAreDeleted() {
        test.create("job-a");
        assertThat(reason(refused(() -> delete("job-a")))).isEqualTo("JOB_NOT_FINAL");
        assertThat(reason(refused(() -> test.jobs.getJobReport(
                        GetJobReportRequest.newBuilder().setName(name("job-a")).build()))))
                .isEqualTo("REPORT_NOT_READY");
        cancel("job-a");
        awaitFinal("job-a");
        delete("job-a");
        assertThat(reason(refused(() -> get("job-a")))).isEqualTo("JOB_NOT_FOUND");
    }

    @Test
    void aFailedJobTellsReasonAndFacts() {
        test.runner.failWith(new JobFailure("LOSS_NOT_FINITE", "loss scores is NaN", Map.of("step", "3")));
        test.runner.allow(3);
        test.create("job-a");
        Job ended = awaitFinal("job-a");
        assertThat(ended.getState()).isEqualTo(State.STATE_FAILED);
        assertThat(detail(ended.getError(), ErrorInfo.class).getReason()).isEqualTo("LOSS_NOT_FINITE");
        assertThat(detail(ended.getError(), ErrorInfo.class).getMetadataMap()).containsEntry("step", "3");
    }

    @Test
    void pagesFollowEachOtherNewestFirstAndKeepTheirFilter() {
        test.runner.allow(100);
        for (int i = 1; i <= 5; i++) {
            test.create("job-" + i);
            awaitFinal("job-" + i);
        }
        List<String> seen = new ArrayList<>();
        ListJobsRequest.Builder request =
                ListJobsRequest.newBuilder().setPageSize(2).setFilter("state=SUCCEEDED OR state=FAILED");
        int pages = 0;
        do {
            ListJobsResponse page = test.jobs.listJobs(request.build());
            page.getJobsList().forEach(job -> seen.add(job.getName()));
            request.setPageToken(page.getNextPageToken());
            pages++;
        } while (!request.getPageToken().isEmpty());
        assertThat(pages).isEqualTo(3);
        assertThat(seen).containsExactly(name("job-5"), name("job-4"), name("job-3"), name("job-2"), name("job-1"));

        String token = test.jobs
                .listJobs(ListJobsRequest.newBuilder().setPageSize(2).build())
                .getNextPageToken();
        assertThat(reason(refused(() -> test.jobs.listJobs(ListJobsRequest.newBuilder()
                        .setPageToken(token)
                        .setFilter("state=FAILED")
                        .build()))))
                .isEqualTo("PAGE_TOKEN_INVALID");
        assertThat(reason(refused(() -> test.jobs.listJobs(
                        ListJobsRequest.newBuilder().setPageToken("AAAA").build()))))
                .isEqualTo("PAGE_TOKEN_INVALID");
        assertThat(reason(refused(() -> test.jobs.listJobs(
                        ListJobsRequest.newBuilder().setFilter("state=DONE").build()))))
                .isEqualTo("REQUEST_INVALID");
    }

    @Test
    void twoJobsMayNotMakeTheSameModel() {
        JobSpec.Builder spec = SpecFixtures.fineTune().toBuilder();
        spec.getFineTuneBuilder().setOutputModel("my-teacher");
        test.jobs.createJob(request("job-a", spec.build()));
        Status status = refused(() -> test.jobs.createJob(request("job-b", spec.build())));
        assertThat(status.getMessage())
                .isEqualTo("spec makes the model my-teacher, which job job-a will make; choose another output_model");
    }

    private Job awaitFinal(String id) {
        await().until(() -> get(id).hasEndTime());
        return get(id);
    }

    private Job get(String id) {
        return test.jobs.getJob(GetJobRequest.newBuilder().setName(name(id)).build());
    }

    private Job cancel(String id) {
        return test.jobs.cancelJob(
                CancelJobRequest.newBuilder().setName(name(id)).build());
    }

    private void delete(String id) {
        test.jobs.deleteJob(DeleteJobRequest.newBuilder().setName(name(id)).build());
    }
}
