package dev.ternion.jobs;

import java.time.Instant;

/**
 * A fact about a job; never changes.
 *
 * @param sequence number in the job, from 1
 * @param time when it happened
 * @param body what happened
 */
public record JobEvent(long sequence, Instant time, Body body) {
    /** What happened. */
    public sealed interface Body permits StateChanged, Recorded {}

    /**
     * The state changed.
     *
     * @param from state before; null for a new job
     * @param to state now
     * @param reason why
     * @param error with FAILED and EXPIRED; else null
     */
    public record StateChanged(JobState from, JobState to, String reason, JobError error) implements Body {}

    /**
     * The running job reported something.
     *
     * @param kind what kind of thing, which decides how long it is kept
     * @param payload means nothing here
     */
    public record Recorded(Kind kind, Opaque payload) implements Body {}

    /** Kinds of reports, in the order in which a full log gives them up; state changes and REPORT are kept always. */
    public enum Kind {
        /** Latest value matters: thinned out first. */
        PROGRESS,
        /** A line for people. */
        LOG,
        /** What the job does now. */
        PHASE,
        /** A measured result. */
        EVALUATION,
        /** The report can be read. */
        REPORT
    }
}
