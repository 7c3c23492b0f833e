package dev.ternion.server;

import dev.ternion.api.SpecMapper;
import dev.ternion.api.Violation;
import dev.ternion.api.v1.Checkpoint;
import dev.ternion.api.v1.JobSpec;
import java.io.IOException;
import java.util.List;

/** A job that begins at nothing. */
final class FreshBeginning implements Beginning {
    private final CheckpointCatalog checkpoints;

    FreshBeginning(CheckpointCatalog checkpoints) {
        this.checkpoints = checkpoints;
    }

    @Override
    public JobSpec spec(JobSpec asked) {
        return asked;
    }

    @Override
    public List<Violation> problems(dev.ternion.recipe.JobSpec spec) {
        String at = SpecMapper.beginAt(SpecMapper.write(spec));
        return at.isEmpty()
                ? List.of()
                : List.of(new Violation(
                        "spec.checkpoints.begin_at", "is \"" + at + "\", wanted absent; fork that job instead"));
    }

    @Override
    public CheckpointCatalog.Staged stage(String id, dev.ternion.recipe.JobSpec spec) {
        return new CheckpointCatalog.Staged() {
            @Override
            public void publish() throws IOException {
                requireNonePinned(id, checkpoints.list(id));
            }

            @Override
            public void close() {
                // there is nothing
            }
        };
    }

    /** Pinned checkpoints outlive a job that is forgotten, and another job must not take them for its own. */
    static void requireNonePinned(String id, List<Checkpoint> there) {
        there.stream().filter(Checkpoint::getPinned).findFirst().ifPresent(pinned -> {
            throw Refusal.precondition(
                    "CHECKPOINT_PINNED",
                    pinned.getName(),
                    "checkpoints of an earlier job " + id + " are pinned; choose another id, or unpin them");
        });
    }
}
