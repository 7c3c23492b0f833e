package dev.ternion.recipe.checkpoint;

/** Why a checkpoint was made. */
public enum Origin {
    /** It was time: so many steps or seconds since the last one. */
    PERIODIC,
    /** After an evaluation. */
    EVALUATION,
    /** After the last evaluation of a training, which has no step more to do. */
    FINAL,
    /** The job was asked to stop in order to go on later. */
    PREEMPT,
    /** Taken from another job, which this one goes on from. */
    FORK,
    /** Somebody asked for it. */
    MANUAL
}
