package dev.ternion.training;

import java.io.IOException;

/** A training that can be stopped between two steps and taken up by another process with the same bytes. */
public interface Resumable {
    /** Everything that the next step reads and no function of (seed, step) gives. */
    TrainingState state();

    /** Takes over where a training by the same plan stopped; to be called before the first step. */
    void restore(TrainingState state) throws IOException;
}
