package dev.ternion.worker.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.ternion.api.internal.v1.Address;
import dev.ternion.api.internal.v1.CheckpointMade;
import dev.ternion.api.internal.v1.ClaimRequest;
import dev.ternion.api.internal.v1.ClaimResponse;
import dev.ternion.api.internal.v1.Event;
import dev.ternion.api.internal.v1.FinishRequest;
import dev.ternion.api.internal.v1.Line;
import dev.ternion.api.internal.v1.ReportRequest;
import dev.ternion.api.internal.v1.ReportResponse;
import dev.ternion.api.internal.v1.SeriesPoints;
import dev.ternion.api.internal.v1.WorkerServiceGrpc;
import dev.ternion.api.internal.v1.WorkerServiceGrpc.WorkerServiceBlockingStub;
import dev.ternion.jobs.AttemptOver;
import dev.ternion.jobs.CheckpointAnswer;
import dev.ternion.jobs.Instruction;
import dev.ternion.jobs.JobError;
import dev.ternion.jobs.Opaque;
import dev.ternion.jobs.Order;
import dev.ternion.jobs.Outcome;
import dev.ternion.jobs.Report;
import dev.ternion.telemetry.PointBlock;
import dev.ternion.telemetry.Told;
import dev.ternion.telemetry.Work;
import dev.ternion.worker.ServerLink;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The link over gRPC. The server's address is read from its file again whenever a call fails: a server that was started anew
 * listens elsewhere and has another secret.
 */
public final class GrpcLink implements ServerLink, AutoCloseable {
    /** File in the data folder that holds the {@link Address}. */
    public static final String ADDRESS_FILE = "workers.address";

    /** Header that carries the secret. */
    public static final Metadata.Key<String> SECRET =
            Metadata.Key.of("x-ternion-worker", Metadata.ASCII_STRING_MARSHALLER);

    /** A worker without a server for so long ends. */
    static final Duration PATIENCE = Duration.ofMinutes(10);

    private static final Logger LOG = LoggerFactory.getLogger(GrpcLink.class);
    private static final long CALL_SECONDS = 10;
    private static final long WAIT_MS = 50;
    private static final long MAX_WAIT_MS = 500;

    /** State of a job that is done but for the keeping of what it has made. */
    private static final String RUNNING = "RUNNING";

    private final Path dataFolder;
    private final String jobId;
    private final dev.ternion.api.internal.v1.Attempt attempt;
    /** How long the job had had a device when the monotonic clock stood at 0. */
    private volatile Duration activeBefore = Duration.ZERO;

    private volatile String traceparent = "";
    private volatile String owner = "";

    private Address address = Address.getDefaultInstance();
    private ManagedChannel channel;

    /** Connects at the first call. */
    public GrpcLink(Path dataFolder, String jobId, int attempt) {
        this.dataFolder = dataFolder;
        this.jobId = jobId;
        this.attempt = dev.ternion.api.internal.v1.Attempt.newBuilder()
                .setJob(jobId)
                .setNumber(attempt)
                .build();
    }

    @Override
    public Opaque claim() {
        ClaimRequest request = ClaimRequest.newBuilder().setAttempt(attempt).build();
        ClaimResponse claimed = call(stub -> stub.claim(request));
        activeBefore = Duration.ofSeconds(
                        claimed.getActive().getSeconds(), claimed.getActive().getNanos())
                .minusNanos(System.nanoTime());
        traceparent = claimed.getTraceparent();
        owner = claimed.getOwner();
        return Opaque.of(claimed.getSpec().toByteArray());
    }

    /** W3C traceparent of the call that made the job, once it is claimed; empty when it was not traced. */
    public String traceparent() {
        return traceparent;
    }

    /** Id of the caller who owns what the job makes, once it is claimed; empty if nobody is known to. */
    public String owner() {
        return owner;
    }

    @Override
    public Instruction report(long first, List<Report> reports, Told telemetry, Work work, CheckpointAnswer answer) {
        Duration active = activeBefore.plusNanos(System.nanoTime());
        ReportRequest.Builder request = ReportRequest.newBuilder()
                .setAttempt(attempt)
                .setFirst(first)
                .setActive(com.google.protobuf.Duration.newBuilder()
                        .setSeconds(active.getSeconds())
                        .setNanos(active.getNano()));
        reports.forEach(report -> request.addEvents(Event.newBuilder()
                .setTime(Timestamp.newBuilder()
                        .setSeconds(report.time().getEpochSecond())
                        .setNanos(report.time().getNano()))
                .setKind(report.body().kind().name())
                .setPayload(ByteString.copyFrom(report.body().payload().bytes()))));
        telemetry
                .points()
                .forEach((key, points) -> request.addPoints(SeriesPoints.newBuilder()
                        .setArm(key.arm())
                        .setSeed(key.seed())
                        .setMetric(key.metric())
                        .setPoints(ByteString.copyFrom(PointBlock.write(points)))));
        request.setFirstLine(telemetry.firstLine());
        telemetry
                .lines()
                .forEach(line -> request.addLines(Line.newBuilder()
                        .setMillis(line.time().toEpochMilli())
                        .setSeverity(line.severity().name())
                        .setText(line.text())));
        if (!work.isNothing()) {
            request.setWork(WorkMessages.of(work));
        }
        if (!answer.isNone()) {
            CheckpointMade.Builder made = request.getCheckpointBuilder().setRequest(answer.request());
            answer.jobStep().ifPresent(made::setJobStep);
        }
        ReportRequest message = request.build();
        ReportResponse response = call(stub -> stub.report(message));
        Order order = switch (response.getOrder()) {
            case ORDER_STOP -> Order.STOP;
            case ORDER_HAND_OVER -> Order.HAND_OVER;
            default -> Order.GO_ON;
        };
        return new Instruction(order, response.getCheckpoint());
    }

    @Override
    public String finish(Outcome outcome) {
        FinishRequest request = message(outcome).setAttempt(attempt).build();
        String state = call(stub -> stub.finish(request)).getState();
        while (state.equals(RUNNING)) {
            sleep(MAX_WAIT_MS);
            state = call(stub -> stub.finish(request)).getState();
        }
        return state;
    }

    private static FinishRequest.Builder message(Outcome outcome) {
        FinishRequest.Builder request = FinishRequest.newBuilder();
        if (outcome instanceof Outcome.Succeeded done) {
            request.getSucceededBuilder()
                    .setReport(ByteString.copyFrom(done.report().bytes()))
                    .setEvent(ByteString.copyFrom(done.event().bytes()));
        } else if (outcome instanceof Outcome.Failed failed) {
            JobError error = failed.error();
            request.getFailedBuilder()
                    .setReason(error.reason())
                    .setMessage(error.message())
                    .putAllDetails(error.details());
        } else {
            request.setStopped(FinishRequest.Stop.getDefaultInstance());
        }
        return request;
    }

    /** Calls until there is an answer. One call at a time: a worker reports from one thread, before and after it from another. */
    private synchronized <T> T call(Function<WorkerServiceBlockingStub, T> call) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        long wait = WAIT_MS;
        while (true) {
            try {
                return call.apply(stub());
            } catch (StatusRuntimeException | IOException e) {
                requireHope(e, end);
                LOG.debug("job {}: no answer from the server", jobId, e);
                forget();
                sleep(wait);
                wait = Math.min(MAX_WAIT_MS, 2 * wait);
            }
        }
    }

    private void requireHope(Exception failure, long end) {
        if (failure instanceof StatusRuntimeException refused
                && refused.getStatus().getCode() == Status.Code.FAILED_PRECONDITION) {
            throw new AttemptOver(refused.getStatus().getDescription());
        }
        if (!Files.isDirectory(dataFolder)) {
            throw new AttemptOver("the data folder " + dataFolder + " is gone");
        }
        if (System.nanoTime() - end > 0) {
            throw new AttemptOver("no server has answered for " + PATIENCE.toMinutes() + " minutes");
        }
    }

    private WorkerServiceBlockingStub stub() throws IOException {
        if (channel == null) {
            address = Address.parseFrom(Files.readAllBytes(dataFolder.resolve(ADDRESS_FILE)));
            channel = NettyChannelBuilder.forAddress("127.0.0.1", address.getPort())
                    .usePlaintext()
                    .directExecutor()
                    .build();
        }
        Metadata headers = new Metadata();
        headers.put(SECRET, address.getSecret());
        return WorkerServiceGrpc.newBlockingStub(channel)
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                .withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS);
    }

    private void forget() {
        if (channel != null) {
            channel.shutdownNow();
            channel = null;
        }
    }

    private static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AttemptOver("interrupted");
        }
    }

    @Override
    public synchronized void close() {
        forget();
    }
}
