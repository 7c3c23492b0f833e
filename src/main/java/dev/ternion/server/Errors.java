package dev.ternion.server;

import com.google.rpc.Code;
import dev.ternion.api.InvalidRequest;
import dev.ternion.api.ResourceNames;
import dev.ternion.jobs.JobException;
import dev.ternion.jobs.StoreUnavailable;
import dev.ternion.objects.ObjectsUnavailable;
import dev.ternion.objects.UploadException;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns whatever was thrown into the status that the client gets. */
final class Errors {
    private static final Logger LOG = LoggerFactory.getLogger(Errors.class);

    /** After this a client may ask a full queue again. */
    private static final Duration QUEUE_RETRY = Duration.ofSeconds(30);

    /** After this a client may ask for an upload again that is being finalized. */
    private static final Duration UPLOAD_RETRY = Duration.ofSeconds(1);

    /** After this a client may ask again for what the store did not answer. */
    private static final Duration STORE_RETRY = Duration.ofSeconds(2);

    /** After this a client may ask again for what the object store did not take. */
    private static final Duration OBJECTS_RETRY = Duration.ofSeconds(10);

    private Errors() {}

    static StatusRuntimeException toStatus(Throwable thrown) {
        if (thrown instanceof StatusRuntimeException status) {
            return status;
        }
        return StatusProto.toStatusRuntimeException(refusal(thrown).status());
    }

    private static Refusal refusal(Throwable thrown) {
        if (thrown instanceof Refusal refusal) {
            return refusal;
        }
        if (thrown instanceof InvalidRequest invalid) {
            return Refusal.invalid("SPEC_INVALID", invalid.getMessage(), invalid.violations());
        }
        if (thrown instanceof JobException problem) {
            return ofJob(problem);
        }
        if (thrown instanceof UploadException problem) {
            return ofUpload(problem);
        }
        if (thrown instanceof StoreUnavailable) {
            return Refusal.later(
                    Code.UNAVAILABLE,
                    "STORE_UNAVAILABLE",
                    "the database of jobs does not answer; try again, a change with its request_id",
                    Map.of(),
                    STORE_RETRY);
        }
        Throwable cause = thrown instanceof UncheckedIOException ? thrown.getCause() : thrown;
        if (cause instanceof ObjectsUnavailable) {
            LOG.warn("the object store does not answer", cause);
            return Refusal.later(
                    Code.UNAVAILABLE,
                    "OBJECTS_UNAVAILABLE",
                    "the server's object store does not answer; try again later. Whoever runs the server finds why in its log",
                    Map.of(),
                    OBJECTS_RETRY);
        }
        if (thrown instanceof IOException || thrown instanceof UncheckedIOException) {
            String message = String.valueOf(thrown.getMessage());
            if (message.toLowerCase(Locale.ROOT).contains("no space left")) {
                return Refusal.noSpace("the server's disk is full");
            }
        }
        String id = UUID.randomUUID().toString();
        LOG.error("unexpected error, id {}", id, thrown);
        return Refusal.internal(id);
    }

    private static Refusal ofJob(JobException e) {
        String reason = e.problem().name();
        String name = ResourceNames.JOB.name(e.jobId());
        return switch (e.problem()) {
            case ID_INVALID -> Refusal.invalid("REQUEST_INVALID", "job_id", e.getMessage());
            case REQUEST_ID_REUSED -> Refusal.invalid(reason, "request_id", e.getMessage());
            case JOB_NOT_FOUND -> Refusal.notFound(ResourceNames.JOB, e.jobId());
            case JOB_EXISTS -> Refusal.exists(ResourceNames.JOB, e.jobId());
            case JOB_FINAL,
                    JOB_NOT_FINAL,
                    JOB_NOT_PAUSABLE,
                    JOB_NOT_PAUSED,
                    JOB_NOT_RUNNING,
                    CHECKPOINT_NOT_MADE,
                    REPORT_NOT_READY,
                    REQUEST_JOB_GONE -> Refusal.precondition(reason, name, e.getMessage());
            case JOB_LIMIT -> Refusal.quota(reason, "jobs", e.getMessage(), e.details());
            case QUEUE_FULL -> Refusal.later(Code.RESOURCE_EXHAUSTED, reason, e.getMessage(), e.details(), QUEUE_RETRY);
        };
    }

    private static Refusal ofUpload(UploadException e) {
        String reason = e.problem().name();
        String name = ResourceNames.UPLOAD.name(e.id());
        return switch (e.problem()) {
            case UPLOAD_NOT_FOUND -> Refusal.notFound(ResourceNames.UPLOAD, e.id());
            case UPLOAD_EXISTS -> Refusal.exists(ResourceNames.UPLOAD, e.id());
            case UPLOAD_INVALID -> Refusal.invalid(reason, e.getMessage(), List.of(), Map.of());
            case OFFSET_INVALID -> Refusal.outOfRange(reason, e.getMessage(), e.details());
            case UPLOAD_QUOTA -> Quotas.uploads(e.details());
            case UPLOAD_TOO_LARGE, UPLOAD_LIMIT -> Refusal.quota(reason, "uploads", e.getMessage(), e.details());
            case UPLOAD_BUSY ->
                Refusal.later(Code.UNAVAILABLE, "OVERLOADED", e.getMessage(), e.details(), UPLOAD_RETRY);
            case UPLOAD_INCOMPLETE, UPLOAD_FINAL, UPLOAD_TAKEN_OVER ->
                Refusal.precondition(reason, name, e.getMessage());
        };
    }
}
