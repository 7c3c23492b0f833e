package dev.ternion.server;

import com.google.protobuf.Empty;
import dev.ternion.api.ReportMapper;
import dev.ternion.api.ResourceNames;
import dev.ternion.api.v1.CancelJobRequest;
import dev.ternion.api.v1.Checkpoint;
import dev.ternion.api.v1.CreateJobRequest;
import dev.ternion.api.v1.DeleteJobRequest;
import dev.ternion.api.v1.ForkJobRequest;
import dev.ternion.api.v1.GetJobReportRequest;
import dev.ternion.api.v1.GetJobRequest;
import dev.ternion.api.v1.Job;
import dev.ternion.api.v1.JobEvent;
import dev.ternion.api.v1.JobReport;
import dev.ternion.api.v1.JobServiceGrpc;
import dev.ternion.api.v1.ListAttemptsRequest;
import dev.ternion.api.v1.ListAttemptsResponse;
import dev.ternion.api.v1.ListJobsRequest;
import dev.ternion.api.v1.ListJobsResponse;
import dev.ternion.api.v1.PauseJobRequest;
import dev.ternion.api.v1.ResumeJobRequest;
import dev.ternion.api.v1.WatchJobRequest;
import dev.ternion.api.v1.WatchJobsRequest;
import dev.ternion.api.v1.WatchJobsResponse;
import dev.ternion.jobs.JobQueue;
import dev.ternion.jobs.JobState;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** JobService on a {@link JobQueue}. */
final class JobGrpcService extends JobServiceGrpc.JobServiceImplBase {
    private final JobQueue queue;
    private final JobCreation creation;
    private final ForkCreation forks;
    private final CheckpointCatalog checkpoints;
    private final Watches watches;
    private final PageTokens tokens;
    private final Clock clock;

    JobGrpcService(
            JobQueue queue,
            JobCreation creation,
            ForkCreation forks,
            CheckpointCatalog checkpoints,
            Watches watches,
            PageTokens tokens,
            Clock clock) {
        this.queue = queue;
        this.creation = creation;
        this.forks = forks;
        this.checkpoints = checkpoints;
        this.watches = watches;
        this.tokens = tokens;
        this.clock = clock;
    }

    @Override
    public void createJob(CreateJobRequest request, StreamObserver<Job> client) {
        Answers.send(client, () -> creation.create(request));
    }

    @Override
    public void forkJob(ForkJobRequest request, StreamObserver<Job> client) {
        Answers.send(client, () -> forks.fork(request));
    }

    @Override
    public void getJob(GetJobRequest request, StreamObserver<Job> client) {
        answer(client, JobMessages.job(queue.get(id(request.getName())), queue));
    }

    @Override
    public void listJobs(ListJobsRequest request, StreamObserver<ListJobsResponse> client) {
        Requests.requireParent(request.getParent());
        Set<JobState> states = StateFilter.read(request.getFilter());
        int size = PageTokens.size(request.getPageSize());
        String scope = "jobs " + states;
        String last = tokens.read(scope, request.getPageToken());
        long below = last == null ? Long.MAX_VALUE : Long.parseLong(last);
        List<dev.ternion.jobs.Job> found = queue.list(states, below, size + 1);
        List<dev.ternion.jobs.Job> page = found.subList(0, Math.min(size, found.size()));
        ListJobsResponse.Builder response = ListJobsResponse.newBuilder();
        page.forEach(job -> response.addJobs(JobMessages.job(job, queue)));
        if (found.size() > size) {
            response.setNextPageToken(
                    tokens.write(scope, String.valueOf(page.get(size - 1).number())));
        }
        answer(client, response.build());
    }

    @Override
    public void cancelJob(CancelJobRequest request, StreamObserver<Job> client) {
        String id = id(request.getName());
        answer(client, changed(id, () -> queue.cancel(id, "cancelled on request")));
    }

    @Override
    public void pauseJob(PauseJobRequest request, StreamObserver<Job> client) {
        String id = id(request.getName());
        answer(client, changed(id, () -> queue.pause(id, "paused on request")));
    }

    @Override
    public void resumeJob(ResumeJobRequest request, StreamObserver<Job> client) {
        String id = id(request.getName());
        Answers.send(client, () -> {
            creation.requireStorage(id);
            return changed(id, () -> queue.resume(id, creation::requireQuota));
        });
    }

    private Job changed(String id, Supplier<dev.ternion.jobs.Job> change) {
        dev.ternion.jobs.Job after = queue.exclusively(() -> {
            noteBefore(id);
            return change.get();
        });
        return JobMessages.job(after, queue);
    }

    private void noteBefore(String id) {
        queue.find(id).map(JobMessages::record).ifPresent(AuditNote::before);
    }

    @Override
    public void deleteJob(DeleteJobRequest request, StreamObserver<Empty> client) {
        String id = id(request.getName());
        Answers.send(client, () -> {
            long pinned =
                    checkpoints.list(id).stream().filter(Checkpoint::getPinned).count();
            if (pinned > 0) {
                queue.get(id);
                throw Refusal.precondition(
                        "CHECKPOINT_PINNED",
                        request.getName(),
                        "job " + id + " has " + pinned + " pinned checkpoints; unpin them first");
            }
            noteBefore(id); // it is final, or stays
            queue.delete(id);
            checkpoints.tidy(id);
            return Empty.getDefaultInstance();
        });
    }

    @Override
    public void watchJob(WatchJobRequest request, StreamObserver<JobEvent> client) {
        String id = queue.get(id(request.getName())).id();
        long from = request.getFromSequence();
        JobEventSource.requirePast(queue, id, from);
        watches.start(
                new JobEventSource(queue, id, from, clock),
                wake -> queue.watch(id, wake),
                (ServerCallStreamObserver<JobEvent>) client);
    }

    @Override
    public void watchJobs(WatchJobsRequest request, StreamObserver<WatchJobsResponse> client) {
        Requests.requireParent(request.getParent());
        Set<JobState> states = StateFilter.read(request.getFilter());
        AllJobsSource changes = AllJobsSource.open(queue.changeLog(), states, request.getResumeToken());
        ServerCallStreamObserver<WatchJobsResponse> stream = (ServerCallStreamObserver<WatchJobsResponse>) client;
        if (request.getIncludeProgress()) {
            watches.start(
                    new ProgressSource(changes, queue, states, System::nanoTime),
                    watches.every(ProgressSource.PERIOD, queue::watchAll),
                    stream);
        } else {
            watches.start(changes, queue::watchAll, stream);
        }
    }

    @Override
    public void listAttempts(ListAttemptsRequest request, StreamObserver<ListAttemptsResponse> client) {
        String id = Requests.id(ResourceNames.JOB, "parent", request.getParent());
        answer(client, AttemptMessages.list(id, queue.attempts(id)));
    }

    @Override
    public void getJobReport(GetJobReportRequest request, StreamObserver<JobReport> client) {
        String id = id(request.getName());
        answer(client, ReportMapper.message(queue.report(id).bytes(), ResourceNames.JOB.name(id)));
    }

    private static String id(String name) {
        return Requests.id(ResourceNames.JOB, "name", name);
    }

    private static <T> void answer(StreamObserver<T> client, T message) {
        client.onNext(message);
        client.onCompleted();
    }
}
