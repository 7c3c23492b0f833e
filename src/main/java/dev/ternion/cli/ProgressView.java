package dev.ternion.cli;

import dev.ternion.api.v1.JobEvent;
import dev.ternion.api.v1.LogLine;
import dev.ternion.api.v1.PhaseChange;
import dev.ternion.api.v1.StateChange;
import dev.ternion.api.v1.StepProgress;

/** Shows a person what a job does. */
abstract class ProgressView implements AutoCloseable {
    /** The view that fits the terminal. */
    static ProgressView of(Session session) {
        return session.terminal().err()
                ? new BarView(session.err(), session.terminal().columns())
                : new PlainView(session.err(), System::nanoTime);
    }

    /** Shows an event. */
    final void show(JobEvent event) {
        switch (event.getEventCase()) {
            case STATE_CHANGE -> state(event.getStateChange());
            case PHASE_CHANGE -> phase(event.getPhaseChange());
            case PROGRESS -> progress(event.getProgress());
            case EVALUATION -> line(EventText.evaluation(event.getEvaluation()));
            case LOG_LINE -> log(event.getLogLine());
            case REPORT_READY, BOOKMARK, EVENT_NOT_SET -> {}
        }
    }

    /** A line that stays. */
    abstract void line(String text);

    /** A step. */
    abstract void progress(StepProgress progress);

    /** The job does something else now. */
    void phase(PhaseChange change) {
        line(EventText.phase(change));
    }

    private void state(StateChange change) {
        line(EventText.state(change));
    }

    private void log(LogLine log) {
        String mark = switch (log.getSeverity()) {
            case SEVERITY_WARNING -> "warning: ";
            case SEVERITY_ERROR -> "error: ";
            default -> "";
        };
        line(mark + log.getText());
    }

    /** Leaves the terminal clean. */
    @Override
    public void close() {}
}
