package dev.ternion.server;

import com.google.protobuf.Message;
import dev.ternion.audit.AuditEntry.Digests;
import dev.ternion.auth.Principal;
import io.grpc.Context;
import java.io.IOException;

/** What is learned of a call on its way, for the audit log. */
final class AuditNote {
    /** The note of this call; null when calls are not noted. */
    static final Context.Key<AuditNote> CURRENT = Context.key("audit-note");

    private volatile Principal principal;
    private volatile String resource = "";
    private volatile boolean checkedOnly;
    private volatile String before = "";
    private volatile String after = "";

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

    /** Notes a resource as it is stored, before this call changes it. */
    static void before(Message stored) {
        AuditNote note = CURRENT.get();
        if (note != null) {
            note.before = AuditDigest.of(stored);
        }
    }

    /** The same of a resource that is to be deleted, which also one can be that cannot be read. */
    static void beforeDeletion(Answers.Source<? extends Message> stored) throws IOException {
        try {
            before(stored.get());
        } catch (Refusal e) {
            if (!e.isDataLoss()) {
                throw e;
            }
        }
    }

    /** The resource as it is stored after the call. */
    void after(Message stored) {
        after = AuditDigest.of(stored);
    }

    Digests digests() {
        return new Digests(before, after);
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
