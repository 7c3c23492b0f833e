package dev.ternion.cli;

import dev.ternion.api.v1.GetJobRequest;
import dev.ternion.api.v1.Job;
import dev.ternion.api.v1.JobEvent;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** Follows a job to its end, through broken streams: each new one begins after the last event seen. */
final class JobFollower {
    private static final Set<Job.State> FINAL = EnumSet.of(
            Job.State.STATE_SUCCEEDED, Job.State.STATE_FAILED, Job.State.STATE_CANCELLED, Job.State.STATE_EXPIRED);

    private static final Set<Code> TRANSIENT = EnumSet.of(
            Code.UNAVAILABLE,
            Code.DEADLINE_EXCEEDED,
            Code.RESOURCE_EXHAUSTED,
            Code.INTERNAL,
            Code.UNKNOWN,
            Code.ABORTED);

    /** Waiting times are 0.5, 1, 2, 4, 8, 8 … seconds: about half a minute in all. */
    private static final int MAX_FAILURES = 7;

    private static final long FIRST_BACKOFF_MS = 500;
    private static final long LAST_BACKOFF_MS = 8_000;

    /** The server sends a bookmark every 30 s, so a silence of this length is a dead connection. */
    private static final long SILENCE_MS = 90_000;

    private final Connection connection;
    private final ProgressView view;
    private final String job;
    private final long endNs;
    private long nextSequence = 1;
    private int failures;

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
        endNs = timeout == null ? Long.MAX_VALUE : System.nanoTime() + timeout.toNanos();
    }

    /** The job in its final state; empty when the time is over. */
    Optional<Job> follow() throws InterruptedException {
        while (true) {
            if (leftMs() <= 0) {
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
                failed("the stream ended early", null);
            } catch (StatusRuntimeException e) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                if (!TRANSIENT.contains(e.getStatus().getCode())) {
                    throw e;
                }
                if (leftMs() > 0) {
                    failed(e.getStatus().getCode().name(), e);
                }
            }
        }
    }

    /** Reads events until the stream ends (true) or the time is over (false). */
    private boolean readToEnd() throws InterruptedException {
        try (EventStream events = new EventStream(connection.channel(), job, nextSequence)) {
            while (true) {
                long left = leftMs();
                if (left <= 0) {
                    return false;
                }
                Optional<JobEvent> event = events.next(Math.min(left, SILENCE_MS));
                if (event.isEmpty()) {
                    return true;
                }
                if (failures > 0) {
                    view.line("connected again");
                    failures = 0;
                }
                if (event.get().getSequence() >= nextSequence) {
                    nextSequence = event.get().getSequence() + 1;
                    view.show(event.get());
                }
            }
        }
    }

    private void failed(String why, StatusRuntimeException cause) throws InterruptedException {
        failures++;
        if (failures > MAX_FAILURES) {
            if (cause != null) {
                throw cause;
            }
            throw new CliException(ExitCode.UNAVAILABLE, "the server ends the stream of " + job + " again and again");
        }
        long wait = Math.min(FIRST_BACKOFF_MS << (failures - 1), LAST_BACKOFF_MS);
        if (failures == 1) {
            view.line("connection lost (" + why + "); the job goes on; connecting again");
        }
        Thread.sleep(Math.max(1, Math.min(wait, leftMs())));
    }

    private long leftMs() {
        return endNs == Long.MAX_VALUE
                ? Long.MAX_VALUE
                : Math.max(0, (endNs - System.nanoTime() + 999_999) / 1_000_000);
    }
}
