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
 */
public record AuditEntry(String who, String what, String resource, String result, String request, String peer) {
    private static final int LONGEST = 300;

    /** Cuts what clients may make long. */
    public AuditEntry {
        resource = resource.length() <= LONGEST ? resource : resource.substring(0, LONGEST);
    }
}
