package dev.ternion.telemetry;

/**
 * A line in the log of a job.
 *
 * @param sequence number in the log, from 1, without gaps
 * @param attempt number of the attempt that said it
 * @param line what was said
 */
public record LogEntry(long sequence, int attempt, LogLine line) {}
