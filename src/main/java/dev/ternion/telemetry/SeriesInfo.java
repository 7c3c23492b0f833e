package dev.ternion.telemetry;

/**
 * What is known of a series without its points.
 *
 * @param key names it in its job
 * @param points how many it has, at least 1
 * @param firstStep of its first point
 * @param lastStep of its last one
 * @param lastValue of its last one
 */
public record SeriesInfo(SeriesKey key, long points, long firstStep, long lastStep, double lastValue) {}
