package dev.ternion.cli;

import dev.ternion.api.v1.CheckpointServiceGrpc.CheckpointServiceBlockingStub;
import dev.ternion.api.v1.UpdateCheckpointRequest;
import picocli.CommandLine.Command;

/** Pins a checkpoint: it stays when newer ones are made and when its job has ended. */
@Command(name = "pin", description = "Pins a checkpoint: it stays when newer ones are made and when its job has ended.")
final class CheckpointsPinCommand extends CheckpointVerb {
    CheckpointsPinCommand(Session session) {
        super(session);
    }

    @Override
    String ask(CheckpointServiceBlockingStub checkpoints, String name) {
        return Json.print(checkpoints.updateCheckpoint(UpdateCheckpointRequest.newBuilder()
                .setName(name)
                .setPinned(true)
                .build()));
    }

    @Override
    String done() {
        return "pinned";
    }
}
