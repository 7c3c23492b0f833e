package dev.ternion.recipe;

/** The job stopped because its {@link CancelToken} said so. */
public final class JobCancelled extends Exception {
    private static final long serialVersionUID = 1L;

    public JobCancelled() {
        super("cancelled");
    }
}
