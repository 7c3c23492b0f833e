package dev.ternion.jobs;

/**
 * Where a job comes from.
 *
 * @param owner id of the caller who asked for it; empty for one that an earlier version made
 * @param trace W3C traceparent of the call that made it; empty when calls were not traced
 */
public record Origin(String owner, String trace) {
    /** Of a job of which neither is known. */
    public static final Origin NONE = new Origin("", "");
}
