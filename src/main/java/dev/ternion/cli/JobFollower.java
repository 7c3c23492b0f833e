package dev.ternion.cli;

import dev.ternion.api.v1.GetJobRequest;
import dev.ternion.api.v1.Job;
import dev.ternion.api.v1.JobEvent;
import dev.ternion.api.v1.JobServiceGrpc;
import dev.ternion.api.v1.WatchJobRequest;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** Follows a job to its end, through broken streams: each new one begins after the last event seen. */
final class JobFollower {
    private static final Set<Job.State> FINAL = EnumSet.of(
            Job.State.STATE_SUCCEEDED, Job.State.STATE_FAILED, Job.State.STATE_CANCELLED, Job.State.STATE_EXPIRED);

    private final Connection connection;
    private final ProgressView view;
    private final String job;
    private final Patience patience;
    private final Reconnects reconnects;
    private long nextSequence = 1;

    /**
     * A follower.
     *
     * @param job full name
     * @param timeout longest wait; null for none
     */
    JobFollower(Connection connection, ProgressView view, String job, Duration timeout) {
        this.connection = connection;
        this.view = view;
        this.job = job;
        patience = new Patience(timeout);
        reconnects = new Reconnects(view::line);
    }

    /** The job in its final state; empty when the time is over. */
    Optional<Job> follow() throws InterruptedException {
        while (true) {
            if (patience.leftMs() <= 0) {
                return Optional.empty();
            }
            try {
                if (readToEnd()) {
                    Job found = connection
                            .jobs()
                            .getJob(GetJobRequest.newBuilder().setName(job).build());
                    if (FINAL.contains(found.getState())) {
                        return Optional.of(found);
                    }
                }
                failed(
                        "the stream ended early",
                        new CliException(
                                ExitCode.UNAVAILABLE, "the server ends the stream of " + job + " again and again"));
            } catch (StatusRuntimeException e) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                if (!Reconnects.help(e)) {
                    throw e;
                }
                if (patience.leftMs() > 0) {
                    failed(e.getStatus().getCode().name(), e);
                }
            }
        }
    }

    /** Reads events until the stream ends (true) or the time is over (false). */
    private boolean readToEnd() throws InterruptedException {
        WatchJobRequest request = WatchJobRequest.newBuilder()
                .setName(job)
                .setFromSequence(nextSequence)
                .build();
        try (var events = new EventStream<>(connection.channel(), JobServiceGrpc.getWatchJobMethod(), request)) {
            while (true) {
                long left = patience.leftMs();
                if (left <= 0) {
                    return false;
                }
                Optional<JobEvent> event = events.next(Math.min(left, Reconnects.SILENCE_MS));
                if (event.isEmpty()) {
                    return true;
                }
                reconnects.worked();
                if (event.get().getSequence() >= nextSequence) {
                    nextSequence = event.get().getSequence() + 1;
                    view.show(event.get());
                }
            }
        }
    }

    private void failed(String why, RuntimeException cause) throws InterruptedException {
        reconnects.failed(why, "the job goes on; ", cause, patience.leftMs());
        connection.connectNow();
    }
}
