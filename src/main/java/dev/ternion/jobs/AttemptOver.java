package dev.ternion.jobs;

/** A worker calls for an attempt that is over: it is to end at once. */
public final class AttemptOver extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The message says which. */
    public AttemptOver(String message) {
        super(message);
    }
}
