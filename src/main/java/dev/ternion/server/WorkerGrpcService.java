package dev.ternion.server;

import com.google.protobuf.ByteString;
import dev.ternion.api.internal.v1.Attempt;
import dev.ternion.api.internal.v1.CheckpointMade;
import dev.ternion.api.internal.v1.ClaimRequest;
import dev.ternion.api.internal.v1.ClaimResponse;
import dev.ternion.api.internal.v1.Event;
import dev.ternion.api.internal.v1.FinishRequest;
import dev.ternion.api.internal.v1.FinishResponse;
import dev.ternion.api.internal.v1.Order;
import dev.ternion.api.internal.v1.ReportRequest;
import dev.ternion.api.internal.v1.ReportResponse;
import dev.ternion.api.internal.v1.WorkerServiceGrpc;
import dev.ternion.jobs.AttemptOver;
import dev.ternion.jobs.CheckpointAnswer;
import dev.ternion.jobs.Job;
import dev.ternion.jobs.JobError;
import dev.ternion.jobs.JobEvent;
import dev.ternion.jobs.JobRuns;
import dev.ternion.jobs.Opaque;
import dev.ternion.jobs.Outcome;
import dev.ternion.jobs.Report;
import dev.ternion.jobs.StoreUnavailable;
import dev.ternion.telemetry.TelemetryStore;
import dev.ternion.telemetry.Told;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.time.Instant;
import java.util.OptionalLong;
import java.util.function.Supplier;

/** WorkerService on {@link JobRuns} and a {@link TelemetryStore}; what is done is counted by {@link WorkMetrics}. */
final class WorkerGrpcService extends WorkerServiceGrpc.WorkerServiceImplBase {
    private final JobRuns runs;
    private final TelemetryStore telemetry;
    private final WorkMetrics work;

    WorkerGrpcService(JobRuns runs, TelemetryStore telemetry, WorkMetrics work) {
        this.runs = runs;
        this.telemetry = telemetry;
        this.work = work;
    }

    @Override
    public void claim(ClaimRequest request, StreamObserver<ClaimResponse> worker) {
        Attempt attempt = request.getAttempt();
        answer(worker, () -> {
            Job job = runs.claim(attempt.getJob(), attempt.getNumber());
            work.claimed(job);
            return ClaimResponse.newBuilder()
                    .setSpec(ByteString.copyFrom(job.spec().bytes()))
                    .setActive(Durations.message(job.runs().active()))
                    .setTraceparent(job.origin().trace())
                    .setOwner(job.origin().owner())
                    .build();
        });
    }

    @Override
    public void report(ReportRequest request, StreamObserver<ReportResponse> worker) {
        Attempt attempt = request.getAttempt();
        answer(worker, () -> {
            runs.active(attempt.getJob(), attempt.getNumber(), Durations.of(request.getActive()));
            if (request.hasWork()) {
                work.done(attempt.getJob(), attempt.getNumber(), TelemetryMessages.work(request.getWork()));
            }
            keep(attempt, TelemetryMessages.told(request));
            if (request.hasCheckpoint()) {
                runs.checkpointed(attempt.getJob(), attempt.getNumber(), answer(request.getCheckpoint()));
            }
            dev.ternion.jobs.Order order = runs.report(
                    attempt.getJob(),
                    attempt.getNumber(),
                    request.getFirst(),
                    request.getEventsList().stream()
                            .map(WorkerGrpcService::report)
                            .toList());
            return ReportResponse.newBuilder()
                    .setOrder(Order.valueOf("ORDER_" + order))
                    .setCheckpoint(runs.checkpointWanted(attempt.getJob(), attempt.getNumber()))
                    .build();
        });
    }

    private static CheckpointAnswer answer(CheckpointMade made) {
        return new CheckpointAnswer(
                made.getRequest(), made.hasJobStep() ? OptionalLong.of(made.getJobStep()) : OptionalLong.empty());
    }

    private void keep(Attempt attempt, Told told) {
        if (told.isEmpty()) {
            return;
        }
        if (!telemetry.append(attempt.getJob(), attempt.getNumber(), told)) {
            throw new AttemptOver("attempt " + attempt.getNumber() + " at job " + attempt.getJob()
                    + " is over; its worker is to end");
        }
        runs.signal(attempt.getJob());
    }

    @Override
    public void finish(FinishRequest request, StreamObserver<FinishResponse> worker) {
        Attempt attempt = request.getAttempt();
        answer(worker, () -> {
            Job job = runs.finish(attempt.getJob(), attempt.getNumber(), outcome(request));
            return FinishResponse.newBuilder().setState(job.state().name()).build();
        });
    }

    private static Report report(Event event) {
        return new Report(
                Instant.ofEpochSecond(
                        event.getTime().getSeconds(), event.getTime().getNanos()),
                new JobEvent.Recorded(
                        JobEvent.Kind.valueOf(event.getKind()),
                        Opaque.of(event.getPayload().toByteArray())));
    }

    private static Outcome outcome(FinishRequest request) {
        return switch (request.getOutcomeCase()) {
            case SUCCEEDED ->
                new Outcome.Succeeded(
                        Opaque.of(request.getSucceeded().getReport().toByteArray()),
                        Opaque.of(request.getSucceeded().getEvent().toByteArray()));
            case FAILED ->
                new Outcome.Failed(new JobError(
                        request.getFailed().getReason(),
                        request.getFailed().getMessage(),
                        request.getFailed().getDetailsMap()));
            case STOPPED -> new Outcome.Stopped();
            case OUTCOME_NOT_SET -> throw new IllegalArgumentException("no outcome");
        };
    }

    private static <T> void answer(StreamObserver<T> worker, Supplier<T> call) {
        T answer;
        try {
            answer = call.get();
        } catch (AttemptOver e) {
            worker.onError(
                    Status.FAILED_PRECONDITION.withDescription(e.getMessage()).asRuntimeException());
            return;
        } catch (StoreUnavailable e) {
            worker.onError(Status.UNAVAILABLE.withDescription(e.getMessage()).asRuntimeException());
            return;
        }
        worker.onNext(answer);
        worker.onCompleted();
    }
}
