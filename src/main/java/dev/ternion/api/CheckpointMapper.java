package dev.ternion.api;

import dev.ternion.recipe.CheckpointSpec;

/** Reads and writes {@link CheckpointSpec}. */
final class CheckpointMapper {
    private static final int MAX_STEPS = 100_000_000;
    private static final int MAX_SECONDS = 86_400;
    private static final int MAX_KEPT = 16;

    private CheckpointMapper() {}

    static CheckpointSpec read(dev.ternion.api.v1.CheckpointSpec proto, Fields fields) {
        CheckpointSpec absent = CheckpointSpec.USUAL;
        return new CheckpointSpec(
                fields.integer("every_steps", proto.getEverySteps(), absent.everySteps(), 1, MAX_STEPS),
                fields.integer("every_seconds", proto.getEverySeconds(), absent.everySeconds(), 1, MAX_SECONDS),
                fields.integer("keep_last", proto.getKeepLast(), absent.keepLast(), absent.keepLast(), MAX_KEPT),
                proto.getKeepBest(),
                proto.getKeepAfterEnd(),
                proto.getBeginAt());
    }

    static dev.ternion.api.v1.CheckpointSpec write(CheckpointSpec spec) {
        return dev.ternion.api.v1.CheckpointSpec.newBuilder()
                .setEverySteps(spec.everySteps())
                .setEverySeconds(spec.everySeconds())
                .setKeepLast(spec.keepLast())
                .setKeepBest(spec.keepBest())
                .setKeepAfterEnd(spec.keepAfterEnd())
                .setBeginAt(spec.beginAt())
                .build();
    }
}
