package dev.ternion.worker;

import dev.ternion.api.EventMapper;
import dev.ternion.api.ReportMapper;
import dev.ternion.api.SpecMapper;
import dev.ternion.api.v1.LogLine.Severity;
import dev.ternion.jobs.AttemptOver;
import dev.ternion.jobs.CheckpointAnswer;
import dev.ternion.jobs.JobError;
import dev.ternion.jobs.JobEvent;
import dev.ternion.jobs.Opaque;
import dev.ternion.jobs.Order;
import dev.ternion.jobs.Outcome;
import dev.ternion.recipe.CancelToken;
import dev.ternion.recipe.JobCancelled;
import dev.ternion.recipe.JobFailure;
import dev.ternion.recipe.report.JobReport;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** One attempt at a job, from its claim to its end, on the calling thread. Whatever the job does, the server hears how it ended. */
public final class Attempt {
    private static final Logger LOG = LoggerFactory.getLogger(Attempt.class);

    private final String jobId;
    private final ServerLink link;
    private final JobRunner runner;
    private final Clock clock;
    private final Supplier<UUID> ids;
    private final Runnable onOver;
    private final Runnable onFault;

    /**
     * @param link to the server
     * @param runner does the work
     * @param clock for times of events, rate of progress and time left
     * @param ids makes the ids under which bugs are logged
     * @param onOver called, from another thread, when the server has given the job away: ends the process
     * @param onFault called, from any thread, when the server cannot be told any more, for want of memory or by a bug: ends the process
     *     at once, so that the server misses it; a worker that says it is there and does nothing would keep its job RUNNING
     */
    public Attempt(
            String jobId,
            ServerLink link,
            JobRunner runner,
            Clock clock,
            Supplier<UUID> ids,
            Runnable onOver,
            Runnable onFault) {
        this.jobId = jobId;
        this.link = link;
        this.runner = runner;
        this.clock = clock;
        this.ids = ids;
        this.onOver = onOver;
        this.onFault = onFault;
    }

    /** Runs it; false if it was over before it began or before it could be told. */
    public boolean run() throws InterruptedException {
        MDC.put("job", jobId);
        try {
            Opaque spec = link.claim();
            LOG.info("job {} runs", jobId);
            Reporter reporter = new Reporter(link, clock, onOver, onFault);
            Outcome outcome = outcome(spec, reporter);
            reporter.close();
            LOG.info("job {} {}", jobId, link.finish(outcome));
            return true;
        } catch (AttemptOver e) {
            LOG.warn("job {}: {}", jobId, e.getMessage());
            return false;
        } catch (RuntimeException | Error e) {
            fault(e, onFault);
            return false;
        } finally {
            MDC.remove("job");
        }
    }

    /** Ends the process, even when there is no memory to say why. */
    static void fault(Throwable cause, Runnable onFault) {
        try {
            LOG.error("this worker cannot go on", cause);
        } finally {
            onFault.run();
        }
    }

    // A job may throw anything, out of memory included; the server must hear of it.
    private Outcome outcome(Opaque spec, Reporter reporter) {
        EventWriter events = new EventWriter(reporter, clock);
        try {
            JobReport report = runner.run(jobId, SpecMapper.decode(spec.bytes()), events, new OrderToken(reporter));
            events.flush();
            byte[] event = EventMapper.reportReady(report.models()).toByteArray();
            return new Outcome.Succeeded(Opaque.of(ReportMapper.encode(report)), Opaque.of(event));
        } catch (JobFailure e) {
            LOG.warn("job {} failed", jobId, e);
            return failed(events, reporter, new JobError(e.reason(), String.valueOf(e.getMessage()), e.details()));
        } catch (JobCancelled e) {
            events.flush();
            if (reporter.order() == Order.GO_ON) {
                return failed(events, reporter, bug(e));
            }
            reporter.log(dev.ternion.telemetry.Severity.INFO, "stopped as asked");
            return new Outcome.Stopped();
        } catch (Throwable e) {
            return failed(events, reporter, bug(e));
        }
    }

    private Outcome failed(EventWriter events, Reporter reporter, JobError error) {
        try {
            events.flush();
            events.write(JobEvent.Kind.LOG, EventMapper.log(Severity.SEVERITY_ERROR, error.message()));
            reporter.log(dev.ternion.telemetry.Severity.ERROR, error.reason() + ": " + error.message());
        } catch (RuntimeException e) {
            LOG.warn("last events of job {} are lost", jobId, e);
        }
        return new Outcome.Failed(error);
    }

    private JobError bug(Throwable cause) {
        String id = ids.get().toString();
        LOG.error("job {} met an unexpected error, id {}", jobId, id, cause);
        return cause instanceof OutOfMemoryError
                ? new JobError(
                        "OUT_OF_MEMORY",
                        "the worker's memory is exhausted; lower batch_size or max_length, or start the server with a"
                                + " larger -Xmx, which its workers get too",
                        Map.of("id", id))
                : new JobError(
                        "INTERNAL", "unexpected error; the server's log has it under id " + id, Map.of("id", id));
    }

    /** A job that is handed over makes a checkpoint first; a cancelled one is not to go on; one that is asked for a checkpoint is. */
    private record OrderToken(Reporter reporter) implements CancelToken {
        @Override
        public boolean isCancelled() {
            return reporter.order() != Order.GO_ON;
        }

        @Override
        public boolean isDraining() {
            return reporter.order() == Order.HAND_OVER;
        }

        @Override
        public Optional<CheckpointRequest> checkpoint() {
            String request = reporter.wantedCheckpoint();
            return request.isEmpty()
                    ? Optional.empty()
                    : Optional.of(step -> reporter.answer(new CheckpointAnswer(request, step)));
        }
    }
}
