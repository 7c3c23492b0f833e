package dev.ternion.jobs;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where jobs and their events are kept. Port: every method is atomic and, in a durable store, on disk when it returns.
 * Callers other than {@link JobChanges} and {@link JobRuns} only read.
 */
public interface JobStore extends ChangeLog {
    /**
     * Adds a job with its first event; makes room by forgetting the oldest final job if it is full.
     *
     * @return the job under its number
     * @throws JobException JOB_EXISTS; JOB_LIMIT if it is full and no job is final
     */
    Job insert(Job job, JobEvent.Body first);

    /** Attempts of a job that are remembered. */
    int ATTEMPTS_KEPT = 100;

    /** Replaces a job by its next revision, appends the events of the change, and notes the begin or end of an attempt. */
    void update(Job job, List<JobEvent.Body> change, Instant time);

    /**
     * Appends what a worker says of its job, but for what it has said before: a call can be repeated.
     *
     * @param attempt number of its attempt
     * @param first number of the first report in this attempt, from 1; at most one more than those the store has
     * @return false, and nothing was appended, if that attempt is not under way
     */
    boolean record(String id, int attempt, long first, List<Report> reports);

    /** Notes how long a job has had a device, which is no change of it; nothing if that attempt is not the newest. */
    void active(String id, int attempt, Duration time, Instant now);

    /**
     * What the jobs of an owner have had more of devices with each note and each update, by the {@link DeviceTime#hour} of that; of
     * {@link DeviceTime#WINDOW} hours at least. It stays when a job is deleted. Nothing is kept of jobs without an owner.
     */
    Map<Long, Duration> deviceTime(String owner);

    /** The job with this id. */
    Optional<Job> find(String id);

    /** What the request with this id made, also when it is gone: for a day at least after the request. */
    Optional<Made> findByRequest(String requestId);

    /** How long a request is remembered whose job is gone. */
    Duration REMEMBERED = Duration.ofHours(24);

    /**
     * What a request made.
     *
     * @param jobId id that the job got
     * @param fingerprint of the request's body
     * @param job as it stands, or null when it is gone
     */
    record Made(String jobId, String fingerprint, Job job) {}

    /**
     * Jobs by falling number.
     *
     * @param states wanted states; empty means all
     * @param below only numbers below this
     * @param limit at most so many
     */
    List<Job> list(Set<JobState> states, long below, int limit);

    /** The job with this number. */
    Optional<Job> numbered(long number);

    /** Jobs in this state. */
    int count(JobState state);

    /** Events from a number on, at most {@code limit}; empty if the job does not exist. */
    List<JobEvent> events(String id, long fromSequence, int limit);

    /** Number of the newest event; 0 if the job does not exist. */
    long lastSequence(String id);

    /** The newest event of a kind. */
    Optional<JobEvent> latest(String id, JobEvent.Kind kind);

    /** The newest {@link #ATTEMPTS_KEPT} attempts by falling number; empty if the job does not exist. */
    List<AttemptEntry> attempts(String id);

    /** Forgets a job, its events and its attempts. */
    void delete(String id);
}
