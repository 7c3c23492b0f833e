package dev.ternion.worker.grpc;

import dev.ternion.api.internal.v1.CheckpointsDone;
import dev.ternion.api.internal.v1.StepsDone;
import dev.ternion.telemetry.Timings;
import dev.ternion.telemetry.Work;

/** Work as a message. */
final class WorkMessages {
    private WorkMessages() {}

    static dev.ternion.api.internal.v1.Work of(Work work) {
        var message = dev.ternion.api.internal.v1.Work.newBuilder()
                .setNumber(work.number())
                .setCheckpointTimes(timings(work.checkpointTimes()));
        work.steps()
                .forEach((phase, done) -> message.addSteps(StepsDone.newBuilder()
                        .setPhase(phase)
                        .setSamples(done.samples())
                        .setTimes(timings(done.times()))));
        work.checkpoints()
                .forEach((origin, done) -> message.addCheckpoints(CheckpointsDone.newBuilder()
                        .setOrigin(origin)
                        .setMade(done.made())
                        .setFailed(done.failed())));
        return message.build();
    }

    private static dev.ternion.api.internal.v1.Timings timings(Timings times) {
        return dev.ternion.api.internal.v1.Timings.newBuilder()
                .addAllCounts(times.counts())
                .setSeconds(times.seconds())
                .build();
    }
}
