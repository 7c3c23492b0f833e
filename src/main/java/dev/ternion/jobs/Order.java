package dev.ternion.jobs;

/** What a worker is to do. */
public enum Order {
    /** Go on. */
    GO_ON,
    /** Stop; the job is not to go on. */
    STOP,
    /** Make a checkpoint and stop; the job goes on later. */
    HAND_OVER
}
