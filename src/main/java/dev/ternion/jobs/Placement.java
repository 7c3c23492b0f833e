package dev.ternion.jobs;

import java.time.Duration;

/**
 * Where, when and how long a job runs.
 *
 * @param device name of the device it needs
 * @param priority higher runs first
 * @param longest time that it may have a device, over all attempts, or null for any
 */
public record Placement(String device, int priority, Duration longest) {
    /** On a device, for any time. */
    public static Placement on(String device) {
        return new Placement(device, 0, null);
    }
}
