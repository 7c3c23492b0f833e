package dev.ternion.recipe.checkpoint;

import dev.ternion.recipe.JobFailure;
import dev.ternion.recipe.JobListener;
import dev.ternion.recipe.JobSpec;
import java.io.IOException;
import java.util.Optional;
import java.util.function.LongSupplier;

/** Checkpoints of which a listener hears how long each took, whether it was made or not. */
public final class TimedCheckpoints implements Checkpoints {
    private final Checkpoints checkpoints;
    private final JobListener listener;
    private final LongSupplier nanos;

    /** @param nanos monotonic clock */
    public TimedCheckpoints(Checkpoints checkpoints, JobListener listener, LongSupplier nanos) {
        this.checkpoints = checkpoints;
        this.listener = listener;
        this.nanos = nanos;
    }

    @Override
    public Optional<Snapshot> newest(JobSpec spec) throws JobFailure, IOException {
        return checkpoints.newest(spec);
    }

    @Override
    public boolean due(int step) {
        return checkpoints.due(step);
    }

    @Override
    public boolean save(JobSpec spec, Moment moment, Snapshot snapshot) {
        long begin = nanos.getAsLong();
        boolean made = checkpoints.save(spec, moment, snapshot);
        listener.checkpoint(moment, made, (nanos.getAsLong() - begin) * 1e-9);
        return made;
    }
}
