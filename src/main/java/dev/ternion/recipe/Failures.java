package dev.ternion.recipe;

import dev.ternion.backend.Device.OutOfDeviceMemory;
import dev.ternion.training.NonFiniteLoss;
import java.io.IOException;
import java.util.Map;

/** Turns what goes wrong inside a recipe into a {@link JobFailure} with a stable reason. */
final class Failures {
    private Failures() {}

    /** A body that may fail in the ways of a recipe. */
    interface Body<T> {
        T run() throws IOException, JobFailure, JobCancelled;
    }

    static <T> T named(Body<T> body) throws JobFailure, JobCancelled {
        try {
            return body.run();
        } catch (NonFiniteLoss e) {
            Map<String, String> details = Map.of("step", Integer.toString(e.step()), "loss_part", e.part());
            throw new JobFailure("LOSS_NOT_FINITE", e.getMessage(), details, e);
        } catch (OutOfDeviceMemory e) {
            throw new JobFailure("OUT_OF_MEMORY", e.getMessage(), Map.of(), e);
        } catch (IOException e) {
            boolean full = e.getMessage() != null && e.getMessage().contains("No space left");
            throw new JobFailure(full ? "NO_SPACE" : "MODEL_READ", String.valueOf(e.getMessage()), Map.of(), e);
        }
    }
}
