package dev.ternion.jobs;

import java.util.Map;

/** A request that the queue refuses; nothing was changed. */
public final class JobException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Problem problem;
    private final String jobId;
    private final transient Map<String, String> details;

    /** For a store that holds a job of this id. */
    public static JobException exists(String id) {
        return new JobException(Problem.JOB_EXISTS, id, "job " + id + " exists; choose another id or delete that job");
    }

    /** For a store of so many jobs that is full. */
    public static JobException full(int maxJobs) {
        return new JobException(
                Problem.JOB_LIMIT,
                "",
                "the server holds " + maxJobs + " jobs, none of them final; wait or cancel one",
                Map.of("limit", String.valueOf(maxJobs)));
    }

    JobException(Problem problem, String jobId, String message, Map<String, String> details) {
        super(message);
        this.problem = problem;
        this.jobId = jobId;
        this.details = Map.copyOf(details);
    }

    JobException(Problem problem, String jobId, String message) {
        this(problem, jobId, message, Map.of());
    }

    /** What is wrong. */
    public Problem problem() {
        return problem;
    }

    /** The job meant; empty for none. */
    public String jobId() {
        return jobId;
    }

    /** Facts by name. */
    public Map<String, String> details() {
        return details;
    }

    /** Kinds of refusals. */
    public enum Problem {
        /** The id does not look like one. */
        ID_INVALID,
        /** As many jobs wait as may wait. */
        QUEUE_FULL,
        /** The store is full of jobs that are not final. */
        JOB_LIMIT,
        /** A job has this id. */
        JOB_EXISTS,
        /** No job has this id. */
        JOB_NOT_FOUND,
        /** The job is final. */
        JOB_FINAL,
        /** The job is not final. */
        JOB_NOT_FINAL,
        /** The job is about to be cancelled. */
        JOB_NOT_PAUSABLE,
        /** The job is not paused. */
        JOB_NOT_PAUSED,
        /** The request id came with another body before. */
        REQUEST_ID_REUSED,
        /** The job that the request made before is gone. */
        REQUEST_JOB_GONE,
        /** The job did not succeed, or not yet. */
        REPORT_NOT_READY,
        /** The job is not running. */
        JOB_NOT_RUNNING,
        /** A checkpoint that was asked for was not made. */
        CHECKPOINT_NOT_MADE
    }
}
