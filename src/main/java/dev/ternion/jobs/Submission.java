package dev.ternion.jobs;

/**
 * A request for a job.
 *
 * @param id wanted id; empty: made from the uid
 * @param displayName for people
 * @param spec what to do, validated, opaque
 * @param placement where, when and how long it runs
 * @param requestId idempotency key; empty for none
 * @param fingerprint of the request's body, to tell a repetition from a reuse of the key
 * @param origin of the request; a repetition changes none
 */
public record Submission(
        String id,
        String displayName,
        Opaque spec,
        Placement placement,
        String requestId,
        String fingerprint,
        Origin origin) {
    /** One of nobody in particular. */
    public Submission(
            String id, String displayName, Opaque spec, Placement placement, String requestId, String fingerprint) {
        this(id, displayName, spec, placement, requestId, fingerprint, Origin.NONE);
    }
}
