package dev.ternion.recipe;

import dev.ternion.backend.Device;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * What recipes are handed.
 *
 * @param workspace folders
 * @param devices opens a device by name; the recipe closes it
 * @param nanos monotonic clock, for reported durations only
 */
public record RecipeContext(Workspace workspace, Function<String, Device> devices, LongSupplier nanos) {}
