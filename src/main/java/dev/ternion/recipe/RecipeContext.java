package dev.ternion.recipe;

import dev.ternion.backend.Device;
import dev.ternion.recipe.report.JobReport;
import dev.ternion.training.Precision;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What recipes are handed.
 *
 * @param workspace folders
 * @param devices opens a device by name; the recipe closes it
 * @param nanos monotonic clock, for reported durations only
 * @param owner id of the caller who owns the models that are made; asked when one is stored, empty for nobody
 */
public record RecipeContext(
        Workspace workspace, Function<String, Device> devices, LongSupplier nanos, Supplier<String> owner) {
    /** The device of a job, with its memory budget. */
    public Device open(JobSpec spec) {
        Device device = devices.apply(spec.device());
        if (spec.deviceMemoryMib() > 0) {
            device.setBudget((long) spec.deviceMemoryMib() << 20);
        }
        return device;
    }

    /** What a report tells of the device, after the work. */
    public static JobReport.Execution execution(Device device, Precision precision) {
        return new JobReport.Execution(device.description(), precision.name(), device.denseAlgorithms());
    }
}
