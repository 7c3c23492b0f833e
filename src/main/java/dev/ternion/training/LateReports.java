package dev.ternion.training;

import java.util.function.Consumer;

/**
 * Reports steps when their losses are known. A step that was started as a whole is reported after the next one has been started,
 * so that the device need not wait for the host; one that ran directly is reported at once.
 *
 * @param <S> what is reported of a step
 */
public final class LateReports<S> {
    private final RecordedSteps steps;
    private final Consumer<S> reporter;
    private S pending;

    public LateReports(RecordedSteps steps, Consumer<S> reporter) {
        this.steps = steps;
        this.reporter = reporter;
    }

    /** Takes the last step of the {@link RecordedSteps}. */
    public void started(S step) {
        flush();
        pending = step;
        if (!steps.recorded()) {
            flush();
        }
    }

    /** Reports the step that is still to be reported, if there is one. */
    public void flush() {
        if (pending != null) {
            S done = pending;
            pending = null;
            reporter.accept(done);
        }
    }
}
