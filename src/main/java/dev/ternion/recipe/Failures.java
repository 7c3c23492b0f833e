package dev.ternion.recipe;

import dev.ternion.backend.Device.OutOfDeviceMemory;
import dev.ternion.backend.NativeErrors;
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

    static <T> T named(Workspace workspace, Body<T> body) throws JobFailure, JobCancelled {
        try {
            return body.run();
        } catch (JobFailure e) {
            throw failure(workspace, e.reason(), e.details(), e);
        } catch (NonFiniteLoss e) {
            Map<String, String> details = Map.of("step", Integer.toString(e.step()), "loss_part", e.part());
            throw failure(workspace, "LOSS_NOT_FINITE", details, e);
        } catch (OutOfDeviceMemory e) {
            throw failure(workspace, "OUT_OF_MEMORY", Map.of(), e);
        } catch (IOException e) {
            boolean full = e.getMessage() != null && e.getMessage().contains("No space left");
            throw failure(workspace, full ? "NO_SPACE" : "MODEL_READ", Map.of(), e);
        } catch (RuntimeException e) {
            if (!NativeErrors.threw(e)) {
                throw e;
            }
            throw failure(workspace, NativeErrors.isOutOfMemory(e) ? "OUT_OF_MEMORY" : "DEVICE_FAULT", Map.of(), e);
        }
    }

    /** Its message goes to clients; the cause, with the full paths, to the log. */
    private static JobFailure failure(
            Workspace workspace, String reason, Map<String, String> details, Exception cause) {
        return new JobFailure(reason, workspace.relative(String.valueOf(cause.getMessage())), details, cause);
    }
}
