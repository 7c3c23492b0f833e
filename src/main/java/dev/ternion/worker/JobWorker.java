package dev.ternion.worker;

import dev.ternion.api.EventMapper;
import dev.ternion.api.ReportMapper;
import dev.ternion.api.SpecMapper;
import dev.ternion.api.v1.LogLine.Severity;
import dev.ternion.jobs.Job;
import dev.ternion.jobs.JobError;
import dev.ternion.jobs.JobEvent;
import dev.ternion.jobs.JobQueue;
import dev.ternion.jobs.JobState;
import dev.ternion.jobs.Opaque;
import dev.ternion.recipe.CancelToken;
import dev.ternion.recipe.JobCancelled;
import dev.ternion.recipe.JobFailure;
import dev.ternion.recipe.report.JobReport;
import java.time.Clock;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Runs one job after the other on the thread it is given, until {@link #stop}. Whatever a job does, it ends in a final
 * state, or in the queue again when the worker is stopped, and the next one is claimed.
 */
public final class JobWorker implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(JobWorker.class);

    private final JobQueue queue;
    private final JobRunner runner;
    private final Clock clock;
    private final Supplier<UUID> ids;
    private Thread thread;
    private boolean working;
    private volatile boolean stopping;

    /**
     * @param queue where jobs come from
     * @param runner does the work
     * @param clock for rate of progress and time left
     * @param ids makes the ids under which bugs are logged
     */
    public JobWorker(JobQueue queue, JobRunner runner, Clock clock, Supplier<UUID> ids) {
        this.queue = queue;
        this.runner = runner;
        this.clock = clock;
        this.ids = ids;
    }

    @Override
    public void run() {
        if (!begin()) {
            return;
        }
        while (!stopping) {
            try {
                Job job = queue.claim();
                enter();
                execute(job);
            } catch (InterruptedException e) {
                LOG.debug("worker woken up");
            } catch (RuntimeException e) {
                LOG.error("the end of a job could not be told; it is taken up again", e);
                queue.lose();
            } finally {
                leave();
            }
        }
    }

    /**
     * Asks the running job to stop, gives it back to the queue, and ends {@link #run} after it; the caller joins the thread.
     */
    public synchronized void stop() {
        stopping = true;
        if (!working && thread != null) {
            thread.interrupt();
        }
    }

    private synchronized boolean begin() {
        thread = Thread.currentThread();
        return !stopping;
    }

    /** From here on the thread is not interrupted: an interrupt would close the files of the job. */
    private synchronized void enter() {
        working = true;
        Thread.interrupted();
    }

    private synchronized void leave() {
        working = false;
    }

    private void execute(Job job) {
        MDC.put("job", job.id());
        try {
            LOG.info("job {} runs", job.id());
            Job ended = attempt(job, new EventWriter(queue, job.id(), clock));
            LOG.info("job {} {}: {}", job.id(), ended.state(), ended.reason());
            if (ended.state().isFinal()) {
                runner.ended(job.id());
            }
        } finally {
            MDC.remove("job");
        }
    }

    // A job may throw anything, out of memory included; it must not take the worker with it.
    private Job attempt(Job job, EventWriter events) {
        try {
            JobReport report =
                    runner.run(job.id(), SpecMapper.decode(job.spec().bytes()), events, new StopToken(job.id()));
            events.flush();
            byte[] event = EventMapper.reportReady(report.models()).toByteArray();
            queue.putReport(job.id(), Opaque.of(ReportMapper.encode(report)), Opaque.of(event));
            return queue.succeed(job.id());
        } catch (JobFailure e) {
            LOG.warn("job {} failed", job.id(), e);
            return fail(job, events, new JobError(e.reason(), String.valueOf(e.getMessage()), e.details()));
        } catch (JobCancelled e) {
            return stopped(job, events, e);
        } catch (Throwable e) {
            return fail(job, events, bug(job, e));
        }
    }

    private Job stopped(Job job, EventWriter events, JobCancelled cause) {
        events.flush();
        if (queue.get(job.id()).state() == JobState.CANCELLING) {
            return queue.cancelled(job.id());
        }
        return stopping
                ? queue.giveBack(job.id(), "waiting: the server stopped while the job ran, it goes on")
                : fail(job, events, bug(job, cause));
    }

    private Job fail(Job job, EventWriter events, JobError error) {
        try {
            events.flush();
            events.write(JobEvent.Kind.LOG, EventMapper.log(Severity.SEVERITY_ERROR, error.message()));
        } catch (RuntimeException e) {
            LOG.warn("last events of job {} are lost", job.id(), e);
        }
        return queue.fail(job.id(), error);
    }

    private JobError bug(Job job, Throwable cause) {
        String id = ids.get().toString();
        LOG.error("job {} met an unexpected error, id {}", job.id(), id, cause);
        return cause instanceof OutOfMemoryError
                ? new JobError(
                        "OUT_OF_MEMORY",
                        "the server's memory is exhausted; lower batch_size or max_length, or give the server more",
                        Map.of("id", id))
                : new JobError(
                        "INTERNAL", "unexpected error; the server's log has it under id " + id, Map.of("id", id));
    }

    /** A stopping worker lets its job make a checkpoint and go on later; a cancelled job is not to go on. */
    private final class StopToken implements CancelToken {
        private final String jobId;

        StopToken(String jobId) {
            this.jobId = jobId;
        }

        @Override
        public boolean isCancelled() {
            return stopping || queue.isCancelling(jobId);
        }

        @Override
        public boolean isDraining() {
            return stopping && !queue.isCancelling(jobId);
        }
    }
}
