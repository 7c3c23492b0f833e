package dev.ternion.cli;

import dev.ternion.api.v1.ArtifactServiceGrpc;
import dev.ternion.api.v1.ArtifactServiceGrpc.ArtifactServiceBlockingStub;
import dev.ternion.api.v1.CheckpointServiceGrpc;
import dev.ternion.api.v1.CheckpointServiceGrpc.CheckpointServiceBlockingStub;
import dev.ternion.api.v1.DatasetServiceGrpc;
import dev.ternion.api.v1.DatasetServiceGrpc.DatasetServiceBlockingStub;
import dev.ternion.api.v1.JobServiceGrpc;
import dev.ternion.api.v1.JobServiceGrpc.JobServiceBlockingStub;
import dev.ternion.api.v1.LogServiceGrpc;
import dev.ternion.api.v1.LogServiceGrpc.LogServiceBlockingStub;
import dev.ternion.api.v1.MetricServiceGrpc;
import dev.ternion.api.v1.MetricServiceGrpc.MetricServiceBlockingStub;
import dev.ternion.api.v1.ModelServiceGrpc;
import dev.ternion.api.v1.ModelServiceGrpc.ModelServiceBlockingStub;
import dev.ternion.api.v1.UploadServiceGrpc;
import dev.ternion.api.v1.UploadServiceGrpc.UploadServiceBlockingStub;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A channel to one server, with its stubs. Unary calls are tried again when the server is UNAVAILABLE. */
final class Connection implements AutoCloseable {
    private static final int CALL_SECONDS = 15;

    private static final Map<String, Object> RETRY = Map.of(
            "methodConfig",
            List.of(Map.of(
                    "name",
                    List.of(Map.of()),
                    "retryPolicy",
                    Map.of(
                            "maxAttempts",
                            3.0,
                            "initialBackoff",
                            "0.2s",
                            "maxBackoff",
                            "2s",
                            "backoffMultiplier",
                            3.0,
                            "retryableStatusCodes",
                            List.of("UNAVAILABLE")))));

    private final ServerAddress address;
    private final ManagedChannel channel;

    Connection(ServerAddress address, Credentials credentials) {
        this.address = address;
        channel = Grpc.newChannelBuilder(address.toString(), credentials.channel())
                .defaultServiceConfig(RETRY)
                .intercept(credentials.tokenBearer())
                .userAgent("ternion-cli")
                .build();
    }

    /** The server. */
    ServerAddress address() {
        return address;
    }

    /** For streams and long calls: without deadline. */
    ManagedChannel channel() {
        return channel;
    }

    /** Has the next call try to connect at once, although the last tries have failed. */
    void connectNow() {
        channel.resetConnectBackoff();
    }

    JobServiceBlockingStub jobs() {
        return JobServiceGrpc.newBlockingStub(channel).withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS);
    }

    MetricServiceBlockingStub metrics() {
        return MetricServiceGrpc.newBlockingStub(channel).withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS);
    }

    LogServiceBlockingStub logs() {
        return LogServiceGrpc.newBlockingStub(channel).withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS);
    }

    CheckpointServiceBlockingStub checkpoints() {
        return CheckpointServiceGrpc.newBlockingStub(channel).withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS);
    }

    ModelServiceBlockingStub models() {
        return ModelServiceGrpc.newBlockingStub(channel).withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS);
    }

    DatasetServiceBlockingStub datasets() {
        return DatasetServiceGrpc.newBlockingStub(channel).withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS);
    }

    ArtifactServiceBlockingStub artifacts() {
        return ArtifactServiceGrpc.newBlockingStub(channel).withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS);
    }

    /** Calls that may wait for a large file. */
    UploadServiceBlockingStub uploads(long deadline, TimeUnit unit) {
        return UploadServiceGrpc.newBlockingStub(channel).withDeadlineAfter(deadline, unit);
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
