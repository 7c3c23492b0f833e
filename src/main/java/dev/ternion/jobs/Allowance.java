package dev.ternion.jobs;

import java.time.Duration;

/**
 * What the jobs of one owner may have of the devices.
 *
 * @param running jobs that may have a device at a time
 * @param deviceTime time with a device, together, within {@link DeviceTime#WINDOW}
 */
public record Allowance(int running, Duration deviceTime) {
    /** As much as there is. */
    public static final Allowance ALL = new Allowance(Integer.MAX_VALUE, Duration.ofSeconds(Long.MAX_VALUE));

    /** Whether the time with a device has a bound. */
    public boolean boundsDeviceTime() {
        return !deviceTime.equals(ALL.deviceTime);
    }
}
