package dev.ternion.server;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.PreconditionFailure;
import com.google.rpc.QuotaFailure;
import com.google.rpc.ResourceInfo;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import dev.ternion.api.ResourceNames;
import dev.ternion.api.Secrets;
import dev.ternion.api.Violation;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A call that is answered with an error: one google.rpc.Status with one ErrorInfo and at most one typed detail. Reasons
 * are those of error_reason.proto.
 */
public final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** ErrorInfo.domain of all errors. */
    public static final String DOMAIN = "ternion.dev";

    /**
     * Bytes of the violations listed in one answer; metadata {@code violations} has the number of all. An error travels in
     * headers, of which a client takes 8 KiB: violations and a message, the latter twice, with a third or more for encoding.
     */
    static final int MAX_VIOLATIONS = 2400;

    /** Bytes of a message; longer ones, which repeat what a client sent, are cut. */
    static final int MAX_MESSAGE = 700;

    /** Bytes of a violation's field or description, of names and of metadata. */
    static final int MAX_PART = 300;

    /** Characters of a text that are looked at for secrets before it is cut. */
    private static final int LONGEST = 10_000;

    private final transient Status status;

    private Refusal(Code code, String reason, String message, Map<String, String> metadata, Message detail) {
        super(reason + ": " + shorten(message, MAX_MESSAGE));
        Status.Builder builder = status(code, reason, shorten(message, MAX_MESSAGE), metadata);
        if (detail != null) {
            builder.addDetails(Any.pack(detail));
        }
        this.status = builder.build();
    }

    private static Status.Builder status(Code code, String reason, String message, Map<String, String> metadata) {
        return Status.newBuilder()
                .setCode(code.getNumber())
                .setMessage(message)
                .addDetails(Any.pack(info(reason, metadata)));
    }

    /** The error on the wire. */
    public Status status() {
        return status;
    }

    /** INVALID_ARGUMENT with all violations. */
    public static Refusal invalid(String reason, String message, List<Violation> violations) {
        return invalid(reason, message, violations, Map.of("violations", String.valueOf(violations.size())));
    }

    /** INVALID_ARGUMENT with all violations and metadata of its own. */
    public static Refusal invalid(
            String reason, String message, List<Violation> violations, Map<String, String> metadata) {
        BadRequest.Builder detail = BadRequest.newBuilder();
        int bytes = 0;
        for (Violation violation : violations) {
            BadRequest.FieldViolation listed = BadRequest.FieldViolation.newBuilder()
                    .setField(shorten(violation.path(), MAX_PART))
                    .setDescription(shorten(violation.message(), MAX_PART))
                    .build();
            bytes += listed.getSerializedSize();
            if (bytes > MAX_VIOLATIONS) {
                break;
            }
            detail.addFieldViolations(listed);
        }
        return new Refusal(Code.INVALID_ARGUMENT, reason, message, metadata, detail.build());
    }

    /** INVALID_ARGUMENT because of one field. */
    public static Refusal invalid(String reason, String field, String problem) {
        return invalid(reason, field + " " + problem, List.of(new Violation(field, problem)), Map.of());
    }

    /** NOT_FOUND. */
    public static Refusal notFound(ResourceNames kind, String id) {
        String message = kind.noun() + " " + id + " does not exist; list the " + kind.noun() + "s to see which do";
        return new Refusal(
                Code.NOT_FOUND,
                kind.name() + "_NOT_FOUND",
                message,
                Map.of(),
                resource(kind.noun(), kind.name(id), message));
    }

    /** NOT_FOUND for a file of a model. */
    static Refusal fileNotFound(String model, String path) {
        String message = "model " + model + " has no file " + path + "; list its files to see which it has";
        String name = ResourceNames.MODEL.name(model) + "/files/" + path;
        return new Refusal(Code.NOT_FOUND, "FILE_NOT_FOUND", message, Map.of(), resource("file", name, message));
    }

    /** NOT_FOUND for a series of a job. */
    static Refusal seriesNotFound(String job, String key) {
        String message = "job " + job + " has no series " + key + "; list its series to see which it has";
        String name = ResourceNames.JOB.name(job) + "/series/" + key;
        return new Refusal(Code.NOT_FOUND, "SERIES_NOT_FOUND", message, Map.of(), resource("series", name, message));
    }

    /** NOT_FOUND for a checkpoint. */
    public static Refusal checkpointNotFound(String name) {
        String message = name + " does not exist; list the checkpoints of its job to see which do";
        return new Refusal(
                Code.NOT_FOUND, "CHECKPOINT_NOT_FOUND", message, Map.of(), resource("checkpoint", name, message));
    }

    /** DATA_LOSS for a checkpoint. */
    static Refusal corrupt(String name, String damage) {
        String message = name + " is not what was written: " + damage
                + "; its job would use the one before, check the disk and delete this one";
        return new Refusal(
                Code.DATA_LOSS, "CHECKPOINT_CORRUPT", message, Map.of(), resource("checkpoint", name, damage));
    }

    /** DATA_LOSS for a model or data set. */
    public static Refusal corrupt(ResourceNames kind, String id, String damage) {
        String message = kind.noun() + " " + id
                + " cannot be read; delete it, or remove its folder from the server's data folder, then import or train it again: "
                + damage;
        return new Refusal(
                Code.DATA_LOSS,
                kind.name() + "_CORRUPT",
                message,
                Map.of(),
                resource(kind.noun(), kind.name(id), damage));
    }

    boolean isDataLoss() {
        return status.getCode() == Code.DATA_LOSS.getNumber();
    }

    /** ALREADY_EXISTS. */
    public static Refusal exists(ResourceNames kind, String id) {
        String message = kind.noun() + " " + id + " exists; choose another id or delete it";
        return new Refusal(
                Code.ALREADY_EXISTS,
                kind.name() + "_EXISTS",
                message,
                Map.of(),
                resource(kind.noun(), kind.name(id), message));
    }

    /** FAILED_PRECONDITION. */
    public static Refusal precondition(String reason, String subject, String message) {
        return precondition(reason, subject, message, Map.of());
    }

    /** FAILED_PRECONDITION with metadata. */
    static Refusal precondition(String reason, String subject, String message, Map<String, String> metadata) {
        return new Refusal(
                Code.FAILED_PRECONDITION,
                reason,
                message,
                metadata,
                PreconditionFailure.newBuilder()
                        .addViolations(PreconditionFailure.Violation.newBuilder()
                                .setType(reason)
                                .setSubject(shorten(subject, MAX_PART))
                                .setDescription(shorten(message, MAX_PART)))
                        .build());
    }

    /** OUT_OF_RANGE. */
    static Refusal outOfRange(String reason, String message, Map<String, String> metadata) {
        return new Refusal(Code.OUT_OF_RANGE, reason, message, metadata, null);
    }

    /** UNAUTHENTICATED. */
    static Refusal unauthenticated(String reason, String message) {
        return new Refusal(Code.UNAUTHENTICATED, reason, message, Map.of(), null);
    }

    /** PERMISSION_DENIED. */
    static Refusal denied(String message) {
        return new Refusal(Code.PERMISSION_DENIED, "PERMISSION_DENIED", message, Map.of(), null);
    }

    /** RESOURCE_EXHAUSTED that waiting does not cure. */
    static Refusal quota(String reason, String subject, String message, Map<String, String> metadata) {
        return new Refusal(
                Code.RESOURCE_EXHAUSTED,
                reason,
                message,
                metadata,
                QuotaFailure.newBuilder()
                        .addViolations(QuotaFailure.Violation.newBuilder()
                                .setSubject(shorten(subject, MAX_PART))
                                .setDescription(shorten(message, MAX_PART)))
                        .build());
    }

    /** RESOURCE_EXHAUSTED because the disk is full. */
    public static Refusal noSpace(String message) {
        return quota("NO_SPACE", "disk", message + "; free disk space on the server and try again", Map.of());
    }

    /** RESOURCE_EXHAUSTED or UNAVAILABLE that may pass. */
    static Refusal later(Code code, String reason, String message, Map<String, String> metadata, Duration retry) {
        RetryInfo detail =
                RetryInfo.newBuilder().setRetryDelay(Durations.message(retry)).build();
        return new Refusal(code, reason, message, metadata, detail);
    }

    /** INTERNAL: a bug, by its id in the log. */
    static Refusal internal(String id) {
        return new Refusal(
                Code.INTERNAL,
                "INTERNAL",
                "unexpected error; the server's log has it under id " + id,
                Map.of("id", id),
                null);
    }

    /** A status with an ErrorInfo, as in Job.error. */
    static Status jobError(String reason, String message, Map<String, String> details) {
        Code code = switch (reason) {
            case "INTERNAL" -> Code.INTERNAL;
            case "DEADLINE" -> Code.DEADLINE_EXCEEDED;
            case "OUT_OF_MEMORY", "NO_SPACE" -> Code.RESOURCE_EXHAUSTED;
            default -> Code.ABORTED;
        };
        return status(code, reason, Secrets.redact(message), details).build();
    }

    /** A text of at most so many bytes in UTF-8, without secrets. */
    private static String shorten(String whole, int most) {
        String text = Secrets.redact(whole.length() <= LONGEST ? whole : whole.substring(0, LONGEST));
        if (text.length() * 3L <= most) {
            return text;
        }
        int end = 0;
        for (int bytes = 0; end < text.length(); end += Character.charCount(text.codePointAt(end))) {
            int c = text.codePointAt(end);
            bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
            if (bytes > most) {
                return text.substring(0, end) + "…";
            }
        }
        return text;
    }

    private static ErrorInfo info(String reason, Map<String, String> metadata) {
        return ErrorInfo.newBuilder()
                .setReason(reason)
                .setDomain(DOMAIN)
                .putAllMetadata(metadata)
                .build();
    }

    private static ResourceInfo resource(String type, String name, String description) {
        return ResourceInfo.newBuilder()
                .setResourceType(type)
                .setResourceName(shorten(name, MAX_PART))
                .setDescription(shorten(description, MAX_PART))
                .build();
    }
}
