package dev.ternion.server;

import dev.ternion.auth.Principal;
import io.grpc.Context;

/** What is learned of a call on its way, for the audit log. */
final class AuditNote {
    /** The note of this call; null when calls are not noted. */
    static final Context.Key<AuditNote> CURRENT = Context.key("audit-note");

    private volatile Principal principal;
    private volatile String resource = "";
    private volatile boolean checkedOnly;

    AuditNote(Principal principal) {
        this.principal = principal;
    }

    Principal principal() {
        return principal;
    }

    String resource() {
        return resource;
    }

    boolean isCheckedOnly() {
        return checkedOnly;
    }

    /** Who calls. */
    void caller(Principal known) {
        principal = known;
    }

    /** What the call is about; an empty name leaves what is known. */
    void about(String name) {
        if (!name.isEmpty()) {
            resource = name;
        }
    }

    /** The call only checks. */
    void checksOnly() {
        checkedOnly = true;
    }
}
