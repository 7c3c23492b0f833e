package dev.ternion.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import dev.ternion.api.SpecFixtures;
import dev.ternion.api.v1.CreateJobRequest;
import dev.ternion.api.v1.ErrorReason;
import dev.ternion.api.v1.Job;
import dev.ternion.api.v1.JobServiceGrpc;
import dev.ternion.api.v1.JobServiceGrpc.JobServiceBlockingStub;
import dev.ternion.api.v1.JobSpec;
import dev.ternion.jobs.InMemoryJobStore;
import dev.ternion.jobs.JobChanges;
import dev.ternion.jobs.JobQueue;
import dev.ternion.jobs.JobRuns;
import dev.ternion.objects.FolderStore;
import dev.ternion.objects.UploadLimits;
import dev.ternion.objects.Uploads;
import dev.ternion.store.FaultyStores;
import dev.ternion.telemetry.InMemoryTelemetry;
import dev.ternion.telemetry.TelemetryStore;
import dev.ternion.worker.ThreadWorkers;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** A server on a loopback port with workers whose jobs are scripted, and a client of it. */
final class TestServer {
    static final int MAX_WAITING = 3;

    /** One call of the stores in a hundred fails, in all tests of this process together; with the profile long one in twenty. */
    static final FaultyStores FAULTS =
            new FaultyStores(Double.parseDouble(System.getProperty("ternion.faults", "0.01")), 4);

    /** For tests that measure. */
    static final FaultyStores NO_FAULTS = new FaultyStores(0, 0);

    final InMemoryJobStore store = new InMemoryJobStore(50, 5000);
    final InMemoryTelemetry telemetry = new InMemoryTelemetry(store);
    final JobQueue queue;
    final ScriptedRunner runner = new ScriptedRunner();
    final SpecFixtures.Catalog catalog = SpecFixtures.catalog();
    final Path folder;
    final FolderModels models;
    final MapCheckpoints checkpoints = new MapCheckpoints();
    final Uploads uploads;
    final TernionServer server;
    final ManagedChannel channel;
    final JobServiceBlockingStub jobs;
    final JobRuns runs;
    private final Thread dispatcher;

    TestServer(Path folder, UnaryOperator<ServerSettings> change, ServerAccess access) throws IOException {
        this(folder, change, access, FAULTS);
    }

    /** @param faults of the stores, which the server survives */
    TestServer(Path folder, UnaryOperator<ServerSettings> change, ServerAccess access, FaultyStores faults)
            throws IOException {
        this.folder = folder;
        TelemetryStore steady = faults.survived(telemetry);
        JobChanges changes = new JobChanges(faults.survived(store), Clock.systemUTC());
        ServerSettings settings =
                change.apply(ServerSettings.loopback(0, folder.resolve("uploads"), List.of(folder.resolve("imports"))));
        changes.allow(settings.quotas()::allowance);
        queue = new JobQueue(changes, UUID::randomUUID, MAX_WAITING);
        this.models = new FolderModels(folder.resolve("models"));
        uploads = new Uploads(
                folder.resolve("incoming"),
                new FolderStore(folder.resolve("objects")),
                UploadLimits.DEFAULT,
                Clock.systemUTC());
        server = TernionServer.start(
                settings,
                access,
                queue,
                steady,
                catalog,
                models,
                new LineDatasets(),
                checkpoints,
                uploads,
                Clock.systemUTC(),
                List.of());
        ThreadWorkers workers = new ThreadWorkers(runner, Clock.systemUTC(), UUID::randomUUID);
        runs = new JobRuns(changes, workers, System::nanoTime, id -> {});
        workers.serve(runs, steady);
        dispatcher = new Thread(runs, "test-dispatcher");
        dispatcher.start();
        channel = connect();
        jobs = JobServiceGrpc.newBlockingStub(channel);
    }

    TestServer(Path folder, UnaryOperator<ServerSettings> change) throws IOException {
        this(folder, change, ServerAccess.OPEN);
    }

    TestServer(Path folder) throws IOException {
        this(folder, settings -> settings);
    }

    /** A connection of its own. */
    ManagedChannel connect() {
        return NettyChannelBuilder.forAddress("127.0.0.1", server.port())
                .usePlaintext()
                .build();
    }

    /** Asks for a job with the least spec. */
    Job create(String id) {
        return jobs.createJob(request(id, SpecFixtures.evaluate()));
    }

    static CreateJobRequest request(String id, JobSpec spec) {
        return CreateJobRequest.newBuilder()
                .setJobId(id)
                .setJob(Job.newBuilder().setSpec(spec))
                .build();
    }

    static String name(String id) {
        return "projects/default/jobs/" + id;
    }

    /** Calls and returns the error, which has one ErrorInfo of our domain with a documented reason. */
    static Status refused(ThrowingCallable call) {
        StatusRuntimeException thrown = catchThrowableOfType(StatusRuntimeException.class, call);
        assertThat(thrown).isNotNull();
        Status status = StatusProto.fromThrowable(thrown);
        assertThat(status.getDetailsList())
                .filteredOn(any -> any.is(ErrorInfo.class))
                .hasSize(1);
        ErrorInfo info = detail(status, ErrorInfo.class);
        assertThat(info.getDomain()).isEqualTo("ternion.dev");
        assertThat(ErrorReason.valueOf("ERROR_REASON_" + info.getReason())).isNotNull();
        return status;
    }

    static String reason(Status status) {
        return detail(status, ErrorInfo.class).getReason();
    }

    static <T extends Message> T detail(Status status, Class<T> type) {
        for (Any any : status.getDetailsList()) {
            if (any.is(type)) {
                try {
                    return any.unpack(type);
                } catch (InvalidProtocolBufferException e) {
                    throw new AssertionError(e);
                }
            }
        }
        throw new AssertionError("no " + type.getSimpleName() + " in " + status);
    }

    /** Ends client, workers and server. */
    void close() throws InterruptedException {
        runs.close();
        dispatcher.join(10_000);
        runs.drain(Duration.ofSeconds(10));
        channel.shutdownNow();
        server.stop(Duration.ofMillis(500));
        channel.awaitTermination(5, TimeUnit.SECONDS);
    }
}
