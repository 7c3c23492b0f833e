package dev.ternion.server;

import com.google.rpc.Code;
import dev.ternion.api.CheckpointName;
import dev.ternion.api.v1.Checkpoint;
import io.grpc.Context;
import io.grpc.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/** Finds checkpoints, and reads all bytes of one at a time, so that the disk is left to the jobs. */
final class CheckpointReading {
    private final CheckpointCatalog catalog;
    private final Semaphore turn = new Semaphore(1);

    CheckpointReading(CheckpointCatalog catalog) {
        this.catalog = catalog;
    }

    static CheckpointName name(String name) {
        return CheckpointName.read(name)
                .orElseThrow(() -> Refusal.invalid(
                        Requests.REASON, "name", "is \"" + name + "\", wanted " + CheckpointName.PATTERN));
    }

    /** @throws Refusal CHECKPOINT_NOT_FOUND */
    Checkpoint required(CheckpointName name) throws IOException {
        return catalog.list(name.job()).stream()
                .filter(checkpoint -> checkpoint.getJobStep() == name.step())
                .findFirst()
                .orElseThrow(() -> Refusal.checkpointNotFound(name.toString()));
    }

    /**
     * The checkpoint, whose bytes are what was written. One that its job replaces meanwhile is read again.
     *
     * @throws Refusal CHECKPOINT_NOT_FOUND, CHECKPOINT_CORRUPT, OVERLOADED
     */
    Checkpoint intact(CheckpointName name) throws IOException {
        if (!turn.tryAcquire()) {
            throw Refusal.later(
                    Code.UNAVAILABLE,
                    "OVERLOADED",
                    "another checkpoint is being read; try again when that is done",
                    Map.of(),
                    Duration.ofSeconds(5));
        }
        try {
            Checkpoint before = required(name);
            while (true) {
                Optional<String> damage = catalog.damage(name, CheckpointReading::requireTime);
                Checkpoint after = required(name);
                if (damage.isEmpty()) {
                    return after;
                }
                if (after.equals(before)) {
                    throw Refusal.corrupt(name.toString(), damage.get());
                }
                before = after;
            }
        } finally {
            turn.release();
        }
    }

    private static void requireTime() {
        if (Context.current().isCancelled()) {
            throw Status.DEADLINE_EXCEEDED
                    .withDescription("reading the checkpoint took too long")
                    .asRuntimeException();
        }
    }
}
