package dev.ternion;

import dev.ternion.observe.Traces;
import dev.ternion.recipe.CancelToken;
import dev.ternion.recipe.JobCancelled;
import dev.ternion.recipe.JobFailure;
import dev.ternion.recipe.JobListener;
import dev.ternion.recipe.JobSpec;
import dev.ternion.recipe.report.JobReport;
import dev.ternion.worker.JobRunner;
import java.util.function.Supplier;

/** Runs one attempt at a job under a span, which is part of the trace of the call that made the job. */
final class TracedRunner implements JobRunner {
    private final Traces traces;
    private final int attempt;
    private final Supplier<String> parent;
    private final JobRunner runner;

    /**
     * @param attempt its number
     * @param parent W3C traceparent of the call that made the job; asked when the attempt runs
     * @param runner does the work
     */
    TracedRunner(Traces traces, int attempt, Supplier<String> parent, JobRunner runner) {
        this.traces = traces;
        this.attempt = attempt;
        this.parent = parent;
        this.runner = runner;
    }

    @Override
    public JobReport run(String jobId, JobSpec spec, JobListener listener, CancelToken cancel)
            throws JobFailure, JobCancelled {
        Traces.Span span = traces.begin(Traces.Kind.INTERNAL, "attempt", parent.get());
        span.set("ternion.job", jobId);
        span.set("ternion.attempt", attempt);
        span.set("ternion.device", spec.device());
        AttemptSpans spans = new AttemptSpans(listener, span);
        String outcome = "FAILED";
        try {
            JobReport report = runner.run(jobId, spec, spans, cancel);
            outcome = "SUCCEEDED";
            return report;
        } catch (JobFailure e) {
            span.failed(e.reason());
            throw e;
        } catch (JobCancelled e) {
            outcome = cancel.isDraining() ? "HANDED_OVER" : "STOPPED";
            throw e;
        } catch (RuntimeException | Error e) {
            span.failed("INTERNAL");
            throw e;
        } finally {
            spans.end();
            span.set("ternion.steps", spans.steps());
            span.set("ternion.outcome", outcome);
            span.end();
        }
    }
}
