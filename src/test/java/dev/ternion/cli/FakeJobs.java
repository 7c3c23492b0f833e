package dev.ternion.cli;

import com.google.protobuf.Any;
import com.google.protobuf.Empty;
import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import dev.ternion.api.v1.Bookmark;
import dev.ternion.api.v1.CancelJobRequest;
import dev.ternion.api.v1.CreateJobRequest;
import dev.ternion.api.v1.DeleteJobRequest;
import dev.ternion.api.v1.GetJobReportRequest;
import dev.ternion.api.v1.GetJobRequest;
import dev.ternion.api.v1.Job;
import dev.ternion.api.v1.JobAttempt;
import dev.ternion.api.v1.JobDeleted;
import dev.ternion.api.v1.JobEvent;
import dev.ternion.api.v1.JobProgress;
import dev.ternion.api.v1.JobReport;
import dev.ternion.api.v1.JobServiceGrpc;
import dev.ternion.api.v1.ListAttemptsRequest;
import dev.ternion.api.v1.ListAttemptsResponse;
import dev.ternion.api.v1.ListJobsRequest;
import dev.ternion.api.v1.ListJobsResponse;
import dev.ternion.api.v1.Phase;
import dev.ternion.api.v1.PhaseChange;
import dev.ternion.api.v1.StateChange;
import dev.ternion.api.v1.StepProgress;
import dev.ternion.api.v1.SyncBegin;
import dev.ternion.api.v1.SyncEnd;
import dev.ternion.api.v1.WatchJobRequest;
import dev.ternion.api.v1.WatchJobsRequest;
import dev.ternion.api.v1.WatchJobsResponse;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Scripted jobs: all have the same events and the same end. */
final class FakeJobs extends JobServiceGrpc.JobServiceImplBase {
    final List<CreateJobRequest> created = new CopyOnWriteArrayList<>();
    final List<Long> watchedFrom = new CopyOnWriteArrayList<>();
    final List<String> tokens = new CopyOnWriteArrayList<>();
    final List<JobEvent> events = new CopyOnWriteArrayList<>();
    final Map<String, Job> byRequest = new ConcurrentHashMap<>();

    /** What CreateJob answers instead of a job. */
    volatile StatusRuntimeException refusal;

    /** The first watch breaks after so many events; 0 for never. */
    volatile int breakAfter;

    /** Whether a watch stays open after the last event. */
    volatile boolean endless;

    volatile Job.State end = Job.State.STATE_SUCCEEDED;
    volatile Status endError;

    /** Of every job; null for none. */
    volatile JobReport report;

    FakeJobs() {
        add(JobEvent.newBuilder().setStateChange(StateChange.newBuilder().setTo(Job.State.STATE_QUEUED)));
        add(JobEvent.newBuilder().setStateChange(StateChange.newBuilder().setTo(Job.State.STATE_RUNNING)));
        add(JobEvent.newBuilder()
                .setPhaseChange(PhaseChange.newBuilder()
                        .setPhase(Phase.PHASE_INTERVENTION)
                        .setArm("ti-g")
                        .setSeed(1)));
        for (int step = 1; step <= 3; step++) {
            add(JobEvent.newBuilder()
                    .setProgress(StepProgress.newBuilder()
                            .setArm("ti-g")
                            .setSeed(1)
                            .setStep(step)
                            .setStepsDone(step)
                            .setStepsTotal(3)
                            .setSite("MAP")
                            .setPhase(Phase.PHASE_INTERVENTION)
                            .putLosses("total", 0.5)
                            .setEtaSeconds(65)));
        }
    }

    private void add(JobEvent.Builder event) {
        events.add(event.setSequence(events.size() + 1L).build());
    }

    static StatusRuntimeException refuse(Code code, String reason, String message, Message... details) {
        Status.Builder status = Status.newBuilder()
                .setCode(code.value())
                .setMessage(message)
                .addDetails(Any.pack(ErrorInfo.newBuilder()
                        .setDomain("ternion.dev")
                        .setReason(reason)
                        .build()));
        for (Message detail : details) {
            status.addDetails(Any.pack(detail));
        }
        return StatusProto.toStatusRuntimeException(status.build());
    }

    @Override
    public void createJob(CreateJobRequest request, StreamObserver<Job> answer) {
        created.add(request);
        if (refusal != null) {
            answer.onError(refusal);
            return;
        }
        reply(
                answer,
                byRequest.computeIfAbsent(
                        request.getRequestId(),
                        id -> request.getJob().toBuilder()
                                .setName("projects/default/jobs/job-" + (byRequest.size() + 1))
                                .setState(Job.State.STATE_QUEUED)
                                .build()));
    }

    @Override
    public void getJob(GetJobRequest request, StreamObserver<Job> answer) {
        if (Names.id(request.getName()).equals("gone")) {
            answer.onError(refuse(Code.NOT_FOUND, "JOB_NOT_FOUND", "no job gone"));
            return;
        }
        Job.Builder job =
                Job.newBuilder().setName(request.getName()).setState(end).setReportReady(report != null);
        if (endError != null) {
            job.setError(endError);
        }
        reply(answer, job.build());
    }

    @Override
    public void listJobs(ListJobsRequest request, StreamObserver<ListJobsResponse> answer) {
        boolean second = request.getPageToken().equals("2");
        Job job = Job.newBuilder()
                .setName("projects/default/jobs/job-" + (second ? 1 : 2))
                .setState(Job.State.STATE_RUNNING)
                .build();
        reply(
                answer,
                ListJobsResponse.newBuilder()
                        .addJobs(job)
                        .setNextPageToken(second ? "" : "2")
                        .build());
    }

    @Override
    public void cancelJob(CancelJobRequest request, StreamObserver<Job> answer) {
        answer.onError(refuse(Code.FAILED_PRECONDITION, "JOB_FINAL", "job is SUCCEEDED"));
    }

    @Override
    public void deleteJob(DeleteJobRequest request, StreamObserver<Empty> answer) {
        reply(answer, Empty.getDefaultInstance());
    }

    @Override
    public void watchJob(WatchJobRequest request, StreamObserver<JobEvent> answer) {
        if (Names.id(request.getName()).equals("gone")) {
            answer.onError(refuse(Code.NOT_FOUND, "JOB_NOT_FOUND", "no job gone"));
            return;
        }
        watchedFrom.add(request.getFromSequence());
        int sent = 0;
        for (JobEvent event : events) {
            if (event.getSequence() < request.getFromSequence()) {
                continue;
            }
            answer.onNext(event);
            sent++;
            if (watchedFrom.size() == 1 && sent == breakAfter) {
                answer.onError(io.grpc.Status.UNAVAILABLE.asRuntimeException());
                return;
            }
        }
        if (!endless) {
            answer.onCompleted();
        }
    }

    /** Breaks, goes on, has forgotten, begins again, and is then refused; with a filter it stays open and silent. */
    @Override
    public void watchJobs(WatchJobsRequest request, StreamObserver<WatchJobsResponse> answer) {
        tokens.add(request.getResumeToken());
        if (request.getIncludeProgress()) {
            answer.onNext(all("t1", 1)
                    .setProgress(JobProgress.newBuilder()
                            .setName("projects/default/jobs/job-1")
                            .setProgress(StepProgress.newBuilder()
                                    .setStepsDone(2)
                                    .setStepsTotal(3)
                                    .setPhase(Phase.PHASE_TRAINING)
                                    .putLosses("total", 0.5)))
                    .build());
            answer.onError(refuse(Code.PERMISSION_DENIED, "PERMISSION_DENIED", "no longer"));
            return;
        }
        if (!request.getFilter().isEmpty()) {
            return;
        }
        WatchJobsResponse.Builder begin = all("t1", 0).setSyncBegin(SyncBegin.getDefaultInstance());
        switch (tokens.size()) {
            case 1 -> {
                answer.onNext(begin.build());
                Job.Builder job = Job.newBuilder()
                        .setName("projects/default/jobs/job-1")
                        .setState(Job.State.STATE_RUNNING)
                        .setStateReason("running");
                answer.onNext(all("t2", 1).setJob(job).build());
                answer.onError(io.grpc.Status.UNAVAILABLE.asRuntimeException());
            }
            case 2 -> {
                answer.onNext(
                        all("t3", 1).setSyncEnd(SyncEnd.getDefaultInstance()).build());
                answer.onNext(all("t4", 2)
                        .setDeleted(JobDeleted.newBuilder().setName("projects/default/jobs/job-1"))
                        .build());
                answer.onNext(
                        all("t5", 3).setBookmark(Bookmark.getDefaultInstance()).build());
                answer.onError(refuse(Code.RESOURCE_EXHAUSTED, "WATCH_TOO_SLOW", "took nothing"));
            }
            case 3 -> answer.onError(refuse(Code.OUT_OF_RANGE, "WATCH_COMPACTED", "forgotten"));
            default -> {
                answer.onNext(begin.build());
                answer.onError(refuse(Code.PERMISSION_DENIED, "PERMISSION_DENIED", "no longer"));
            }
        }
    }

    private static WatchJobsResponse.Builder all(String token, long revision) {
        return WatchJobsResponse.newBuilder().setResumeToken(token).setRevision(revision);
    }

    @Override
    public void listAttempts(ListAttemptsRequest request, StreamObserver<ListAttemptsResponse> answer) {
        Timestamp begin = Timestamp.newBuilder().setSeconds(1_900_000_000).build();
        JobAttempt under = JobAttempt.newBuilder()
                .setName(request.getParent() + "/attempts/2")
                .setNumber(2)
                .setStartTime(begin)
                .build();
        JobAttempt lost = under.toBuilder()
                .setNumber(1)
                .setEndTime(begin)
                .setOutcome(JobAttempt.Outcome.OUTCOME_LOST)
                .setReason("its worker ended")
                .build();
        reply(
                answer,
                ListAttemptsResponse.newBuilder()
                        .addAttempts(under)
                        .addAttempts(lost)
                        .build());
    }

    @Override
    public void getJobReport(GetJobReportRequest request, StreamObserver<JobReport> answer) {
        reply(answer, report);
    }

    static <T> void reply(StreamObserver<T> answer, T message) {
        answer.onNext(message);
        answer.onCompleted();
    }
}
