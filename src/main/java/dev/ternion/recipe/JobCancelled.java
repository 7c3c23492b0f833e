package dev.ternion.recipe;

/** The job stopped because its {@link CancelToken} said so. */
public final class JobCancelled extends Exception {
    private static final long serialVersionUID = 1L;

    public JobCancelled() {
        super("cancelled");
    }

    /** Throws once the token says so. */
    public static void check(CancelToken token) throws JobCancelled {
        if (token.isCancelled()) {
            throw new JobCancelled();
        }
    }
}
