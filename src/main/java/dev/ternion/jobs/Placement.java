package dev.ternion.jobs;

import java.time.Duration;

/**
 * Where, when and how long a job runs.
 *
 * @param device name of the device it needs
 * @param memory bytes that it certainly has there at one time; 0 for not known
 * @param priority higher runs first
 * @param longest time that it may have a device, over all attempts, or null for any
 */
public record Placement(String device, long memory, int priority, Duration longest) {
    /** On a device, for any time. */
    public static Placement on(String device) {
        return new Placement(device, 0, 0, null);
    }
}
