package dev.ternion;

import dev.ternion.api.v1.JobSpec;
import dev.ternion.jobs.Job;
import dev.ternion.jobs.JobState;
import dev.ternion.jobs.Opaque;
import dev.ternion.jobs.Origin;
import dev.ternion.jobs.Placement;
import dev.ternion.jobs.Runs;
import java.time.Duration;
import java.time.Instant;

/** Jobs as a store would tell them. */
final class TestJobs {
    private TestJobs() {}

    /** One that has begun once. */
    static Job job(String id, JobSpec spec, JobState state) {
        return new Job(
                id,
                id,
                1,
                "",
                Opaque.of(spec.toByteArray()),
                Placement.on("cpu"),
                "",
                "",
                Origin.NONE,
                state,
                "",
                0,
                new Runs(1, 1, "", Duration.ZERO),
                Instant.EPOCH,
                null,
                null,
                null,
                null,
                1);
    }
}
