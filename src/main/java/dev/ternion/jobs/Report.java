package dev.ternion.jobs;

import java.time.Instant;

/**
 * What a worker says of its job.
 *
 * @param time when it happened
 * @param body what happened
 */
public record Report(Instant time, JobEvent.Recorded body) {}
