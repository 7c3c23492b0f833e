package dev.ternion.recipe.checkpoint;

import dev.ternion.recipe.CancelToken;
import dev.ternion.recipe.CancelToken.CheckpointRequest;
import dev.ternion.recipe.JobFailure;
import dev.ternion.recipe.JobSpec;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;

/** Checkpoints that are also due when somebody asks for one. Whichever is made next is the answer. */
public final class RequestedCheckpoints implements Checkpoints {
    private final Checkpoints checkpoints;
    private final CancelToken token;

    /** @param token tells whether one is asked for */
    public RequestedCheckpoints(Checkpoints checkpoints, CancelToken token) {
        this.checkpoints = checkpoints;
        this.token = token;
    }

    @Override
    public Optional<Snapshot> newest(JobSpec spec) throws JobFailure, IOException {
        return checkpoints.newest(spec);
    }

    @Override
    public boolean due(int step) {
        return checkpoints.due(step) || token.checkpoint().isPresent();
    }

    // No step is done between the snapshot and this call: it is of the moment at which it was asked for, or of a later
    // one.
    @Override
    public boolean save(JobSpec spec, Moment moment, Snapshot snapshot) {
        Optional<CheckpointRequest> request = token.checkpoint();
        boolean asked = request.isPresent() && moment.origin() == Origin.PERIODIC;
        Moment told = asked ? new Moment(moment.jobStep(), moment.seed(), moment.arms(), Origin.MANUAL) : moment;
        boolean made = checkpoints.save(spec, told, snapshot);
        request.ifPresent(one -> one.answer(made ? OptionalLong.of(moment.jobStep()) : OptionalLong.empty()));
        return made;
    }
}
