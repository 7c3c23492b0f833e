package dev.ternion.jobs;

/** The store does not answer, and may later. A change is as it was before, or was made for good: its caller may ask again. */
public final class StoreUnavailable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param cause the last fault of several calls */
    public StoreUnavailable(RuntimeException cause) {
        super("the store of jobs does not answer: " + cause.getMessage(), cause);
    }
}
