package dev.ternion.audit;

/**
 * One thing that somebody did or was refused. Holds no secret and nothing of what was sent but a name.
 *
 * @param who id of the principal
 * @param what method or command
 * @param resource name of what it was about; may be empty
 * @param result OK, or the code of the refusal
 * @param request id of the request; may be empty
 * @param peer where it came from
 * @param digests of the resource
 */
public record AuditEntry(
        String who, String what, String resource, String result, String request, String peer, Digests digests) {
    private static final int LONGEST = 300;

    /**
     * SHA-256 of a resource as it was stored, lower-case hex.
     *
     * @param before the call; empty if there was none, or it is not known
     * @param after it; empty if there is none any more, or the call changed nothing
     */
    public record Digests(String before, String after) {
        /** Of nothing. */
        public static final Digests NONE = new Digests("", "");
    }

    /** Cuts what clients may make long. */
    public AuditEntry {
        resource = resource.length() <= LONGEST ? resource : resource.substring(0, LONGEST);
    }
}
