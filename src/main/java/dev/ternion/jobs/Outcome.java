package dev.ternion.jobs;

/** How an attempt ended. */
public sealed interface Outcome permits Outcome.Succeeded, Outcome.Failed, Outcome.Stopped {
    /**
     * The job is done.
     *
     * @param report its report, opaque
     * @param event payload of the event that tells so
     */
    record Succeeded(Opaque report, Opaque event) implements Outcome {}

    /**
     * The job cannot go on.
     *
     * @param error why
     */
    record Failed(JobError error) implements Outcome {}

    /** The worker stopped, as it was ordered to. */
    record Stopped() implements Outcome {}
}
