package dev.ternion.server;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.ternion.api.v1.ArtifactServiceGrpc;
import dev.ternion.api.v1.ByteStreamGrpc;
import dev.ternion.audit.AuditEntry;
import dev.ternion.audit.AuditEntry.Digests;
import dev.ternion.audit.AuditLog;
import io.grpc.Status.Code;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Which calls stand in the audit log: all that change something, downloads, and what was refused for its token or role. Lines of changes
 * are on disk before the client is answered. Of calls that failed no more than {@link #FAILED_PER_SECOND} a second stand there, so that a
 * stranger cannot fill the disk; how many were left out stands in the next line.
 */
public final class Audit {
    static final int FAILED_PER_SECOND = 20;
    static final int FAILED_AT_ONCE = 200;

    private static final Set<String> DOWNLOADS = Set.of(
            ArtifactServiceGrpc.getDownloadArtifactMethod().getFullMethodName(),
            ByteStreamGrpc.getReadMethod().getFullMethodName());
    private static final Set<Code> REFUSED = Set.of(Code.UNAUTHENTICATED, Code.PERMISSION_DENIED);
    /** After these a change may have been made. */
    private static final Set<Code> MAYBE_DONE =
            Set.of(Code.OK, Code.CANCELLED, Code.UNKNOWN, Code.INTERNAL, Code.DEADLINE_EXCEEDED);

    private final AuditLog log;
    private final LongSupplier nanoTime;
    private final Consumer<IOException> onFailure;
    private final Bucket failed;
    private final AtomicLong skipped = new AtomicLong();

    /**
     * On a log that is open.
     *
     * @param nanoTime nanoseconds of a clock that never goes back
     * @param onFailure called when a line may not be there; the call that it is of is not answered as done
     */
    public Audit(AuditLog log, LongSupplier nanoTime, Consumer<IOException> onFailure) {
        this.log = log;
        this.nanoTime = nanoTime;
        this.onFailure = onFailure;
        this.failed = new Bucket(FAILED_PER_SECOND, FAILED_AT_ONCE, nanoTime.getAsLong());
    }

    /** Notes the end of a call if it is one to be noted; false when the line may not be there. */
    boolean note(String method, Code result, AuditNote note, String request, String peer) {
        Rule rule = Permissions.of(method).orElse(null);
        boolean changes = rule != null && rule.changes() && !note.isCheckedOnly();
        if (!changes && !DOWNLOADS.contains(method) && !REFUSED.contains(result)) {
            return true;
        }
        boolean durable = changes && MAYBE_DONE.contains(result);
        if (!durable && result != Code.OK && isTooMuch()) {
            return true;
        }
        long left = skipped.getAndSet(0);
        try {
            Digests digests = durable ? note.digests() : Digests.NONE;
            log.add(
                    new AuditEntry(
                            note.principal().id(), method, note.resource(), result.name(), request, peer, digests),
                    durable,
                    left);
            return true;
        } catch (IOException e) {
            onFailure.accept(e);
            return false;
        }
    }

    private boolean isTooMuch() {
        synchronized (failed) {
            if (failed.take(nanoTime.getAsLong()) == 0) {
                return false;
            }
        }
        skipped.incrementAndGet();
        return true;
    }

    /** The name in an answer; empty if it has none. */
    static String nameIn(Object answer) {
        if (answer instanceof Message message) {
            FieldDescriptor name = message.getDescriptorForType().findFieldByName("name");
            if (name != null && name.getJavaType() == FieldDescriptor.JavaType.STRING) {
                return (String) message.getField(name);
            }
        }
        return "";
    }
}
