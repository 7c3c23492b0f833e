package dev.ternion.jobs;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/** Holds jobs back whose owner has as much of the devices as it may: they stay in the queue, and others overtake them. */
final class Holds {
    private final DeviceTimes times;
    private volatile Function<String, Allowance> allowances = owner -> Allowance.ALL;

    Holds(DeviceTimes times) {
        this.times = times;
    }

    void allow(Function<String, Allowance> newAllowances) {
        allowances = newAllowances;
    }

    /**
     * Why the jobs of an owner are held back; empty if they are not.
     *
     * @param running its jobs that have a device
     */
    Optional<String> reason(String owner, int running) {
        Allowance allowance = allowances.apply(owner);
        if (running >= allowance.running()) {
            return Optional.of("held back by quota running_jobs of " + owner + ": " + running + " of at most "
                    + allowance.running() + " jobs with a device");
        }
        return allowance.boundsDeviceTime() ? reason(owner, allowance.deviceTime()) : Optional.empty();
    }

    private Optional<String> reason(String owner, Duration limit) {
        DeviceTime time = times.of(owner);
        if (time.total().compareTo(limit) < 0) {
            return Optional.empty();
        }
        return Optional.of("held back by quota device_seconds of " + owner + ": "
                + time.total().toSeconds() + " of at most " + limit.toSeconds() + " seconds in the last "
                + DeviceTime.WINDOW + " hours"
                + time.below(limit).map(until -> ", until " + until).orElse(""));
    }
}
