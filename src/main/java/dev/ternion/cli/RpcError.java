package dev.ternion.cli;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.PreconditionFailure;
import com.google.rpc.QuotaFailure;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.security.cert.CertificateException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;

/**
 * A refused call, or the error of a failed job, told to people.
 *
 * @param exitCode one of {@link ExitCode}
 * @param lines message, violations, what to do
 */
record RpcError(int exitCode, List<String> lines) {
    /** Of a call. */
    static RpcError of(StatusRuntimeException refused, ServerAddress address) {
        Code code = refused.getStatus().getCode();
        Status status = StatusProto.fromThrowable(refused);
        ErrorInfo info = detail(status, ErrorInfo.class).orElse(ErrorInfo.getDefaultInstance());
        if (info.getReason().isEmpty() && (code == Code.UNAVAILABLE || code == Code.DEADLINE_EXCEEDED)) {
            return new RpcError(ExitCode.UNAVAILABLE, unreachable(refused, code, address));
        }
        List<String> lines = describe(status);
        if (info.getReason().isEmpty()) {
            lines.set(
                    0,
                    code + ": "
                            + Optional.ofNullable(refused.getStatus().getDescription())
                                    .orElse("no message"));
        }
        return new RpcError(exitCode(code), lines);
    }

    /** Of a failed job. */
    static List<String> describe(Status status) {
        List<String> lines = new ArrayList<>();
        String reason =
                detail(status, ErrorInfo.class).map(ErrorInfo::getReason).orElse("");
        lines.add((reason.isEmpty() ? "" : reason + ": ") + status.getMessage());
        detail(status, BadRequest.class)
                .ifPresent(bad -> bad.getFieldViolationsList()
                        .forEach(field -> lines.add("  " + field.getField() + ": " + field.getDescription())));
        detail(status, PreconditionFailure.class)
                .ifPresent(failure -> failure.getViolationsList()
                        .forEach(violation ->
                                lines.add("  " + violation.getSubject() + ": " + violation.getDescription())));
        detail(status, QuotaFailure.class)
                .ifPresent(quota -> quota.getViolationsList()
                        .forEach(violation ->
                                lines.add("  " + violation.getSubject() + ": " + violation.getDescription())));
        detail(status, RetryInfo.class)
                .filter(RetryInfo::hasRetryDelay)
                .ifPresent(retry -> lines.add(
                        "Try again in " + Math.max(1, retry.getRetryDelay().getSeconds()) + " s."));
        Advice.forReason(reason).ifPresent(lines::add);
        return lines;
    }

    /** The exit code of a gRPC code. */
    static int exitCode(Code code) {
        return switch (code) {
            case OK -> ExitCode.OK;
            case INVALID_ARGUMENT -> ExitCode.SPEC_INVALID;
            case UNAVAILABLE, RESOURCE_EXHAUSTED, DEADLINE_EXCEEDED, ABORTED -> ExitCode.UNAVAILABLE;
            case UNAUTHENTICATED, PERMISSION_DENIED -> ExitCode.AUTH;
            case NOT_FOUND -> ExitCode.NOT_FOUND;
            case ALREADY_EXISTS, FAILED_PRECONDITION, OUT_OF_RANGE, DATA_LOSS -> ExitCode.USAGE;
            case CANCELLED -> ExitCode.INTERRUPTED;
            case UNKNOWN, UNIMPLEMENTED, INTERNAL -> ExitCode.INTERNAL;
        };
    }

    private static List<String> unreachable(StatusRuntimeException refused, Code code, ServerAddress address) {
        Throwable cause = tlsProblem(refused.getStatus().getCause());
        String why = code == Code.DEADLINE_EXCEEDED
                ? "it did not answer in time"
                : cause != null && cause.getMessage() != null
                        ? cause.getMessage()
                        : String.valueOf(refused.getStatus().getDescription());
        return List.of(
                "No server reached at " + address + ": " + why,
                cause instanceof SSLException
                        ? "The server's certificate must name this host and come from --ca FILE; a server may ask for --client-cert."
                        : "Start one with `bin/ternion serve`, or name another with --server HOST:PORT or TERNION_SERVER.");
    }

    /** Of a failed handshake the innermost problem, which says what is wrong; of others the first. */
    private static Throwable tlsProblem(Throwable cause) {
        SSLException tls = null;
        Throwable inner = cause;
        for (int depth = 0; inner != null && depth < 10; depth++, inner = inner.getCause()) {
            if (inner instanceof SSLException found) {
                tls = found;
            } else if (inner instanceof CertificateException) {
                tls = new SSLException(inner.getMessage());
            }
        }
        return tls == null ? cause : tls;
    }

    private static <T extends Message> Optional<T> detail(Status status, Class<T> type) {
        if (status == null) {
            return Optional.empty();
        }
        for (Any any : status.getDetailsList()) {
            if (any.is(type)) {
                try {
                    return Optional.of(any.unpack(type));
                } catch (InvalidProtocolBufferException damaged) {
                    return Optional.empty();
                }
            }
        }
        return Optional.empty();
    }
}
