package dev.ternion.jobs;

import dev.ternion.jobs.JobException.Problem;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Checkpoints that clients wait for. An attempt's worker is told of one at a time; who asks after that waits for the next one, so that
 * each gets a checkpoint of a step that was not done yet when it asked. Nothing is stored: a server that ends leaves its clients without
 * an answer, and they ask again. Used under the lock of {@link JobChanges}.
 */
final class CheckpointRequests {
    private final Map<String, Waiting> jobs = new HashMap<>();

    private record Request(String name, CompletableFuture<Long> jobStep) {}

    private static final class Waiting {
        private final int attempt;
        private Request told;
        private Request next;

        private Waiting(int attempt) {
            this.attempt = attempt;
        }
    }

    /**
     * Asks for a checkpoint of a job under way.
     *
     * @param names makes a new one at each call
     * @return its step, for this caller alone; completed under the lock
     */
    CompletableFuture<Long> add(Job job, Supplier<UUID> names) {
        Waiting waiting =
                jobs.computeIfAbsent(job.id(), id -> new Waiting(job.runs().newest()));
        if (waiting.next == null) {
            waiting.next = new Request(names.get().toString(), new CompletableFuture<>());
        }
        return waiting.next.jobStep().copy();
    }

    /** What to ask the worker of an attempt for, also again; empty: nothing. */
    String wanted(String job, int attempt) {
        Waiting waiting = jobs.get(job);
        if (waiting == null || waiting.attempt != attempt) {
            return "";
        }
        if (waiting.told == null) {
            waiting.told = waiting.next;
            waiting.next = null;
        }
        return waiting.told.name();
    }

    /** A worker has answered; nothing if that was heard before. */
    void answer(String job, int attempt, CheckpointAnswer answer) {
        Waiting waiting = jobs.get(job);
        if (waiting == null
                || waiting.attempt != attempt
                || waiting.told == null
                || !waiting.told.name().equals(answer.request())) {
            return;
        }
        Request answered = waiting.told;
        waiting.told = null;
        if (waiting.next == null) {
            jobs.remove(job);
        }
        OptionalLong step = answer.jobStep();
        if (step.isPresent()) {
            answered.jobStep().complete(step.getAsLong());
        } else {
            fail(answered, job, "it could not be written; see the server's log, is its disk full?");
        }
    }

    /** Those who wait for an attempt that is over wait no longer. */
    void follow(Job job) {
        Waiting waiting = jobs.get(job.id());
        if (waiting != null && (job.runs().newest() != waiting.attempt || !JobState.UNDER_WAY.contains(job.state()))) {
            jobs.remove(job.id());
            String why = "the job is " + job.state() + ", it stopped before it was made";
            fail(waiting.told, job.id(), why);
            fail(waiting.next, job.id(), why);
        }
    }

    private static void fail(Request request, String job, String why) {
        if (request != null) {
            request.jobStep()
                    .completeExceptionally(new JobException(
                            Problem.CHECKPOINT_NOT_MADE, job, "no checkpoint of job " + job + ": " + why));
        }
    }
}
