package dev.ternion.server;

import dev.ternion.api.ResourceCatalog;
import dev.ternion.api.v1.CheckpointServiceGrpc;
import dev.ternion.api.v1.JobServiceGrpc;
import dev.ternion.api.v1.LogServiceGrpc;
import dev.ternion.api.v1.MetricServiceGrpc;
import dev.ternion.jobs.JobQueue;
import dev.ternion.objects.Uploads;
import dev.ternion.telemetry.TelemetryStore;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServerStreamTracer;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The gRPC server: all services, health and reflection, on one port. Does not own queue, catalogs or worker. */
public final class TernionServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TernionServer.class);
    private static final int CLOSE_SECONDS = 5;

    private final CallPools pools;
    private final ScheduledExecutorService scheduler;
    private final HealthStatusManager health = new HealthStatusManager();
    private final Watches watches;
    private final OpenStreams streams = new OpenStreams();
    private final Server server;
    private volatile boolean draining;

    private TernionServer(
            ServerSettings settings,
            ServerAccess access,
            JobQueue queue,
            TelemetryStore telemetry,
            ResourceCatalog resources,
            ModelCatalog models,
            DatasetCatalog datasets,
            CheckpointCatalog checkpoints,
            Uploads uploads,
            Clock clock,
            List<ServerStreamTracer.Factory> tracers)
            throws IOException {
        this.pools = new CallPools(settings.threads(), settings.maxQueuedCalls());
        this.scheduler = Executors.newSingleThreadScheduledExecutor(CallPools.threads("ternion-timer"));
        this.watches = new Watches(pools.work(), scheduler, settings.heartbeat(), settings.quotas());
        NettyServerBuilder builder = builder(settings, access);
        services(settings, queue, telemetry, resources, models, datasets, checkpoints, uploads, clock)
                .forEach(builder::addService);
        tracers.forEach(builder::addStreamTracerFactory);
        this.server = builder.build();
    }

    /**
     * Starts a server.
     *
     * @param access who reaches it
     * @param queue jobs; run by a worker elsewhere
     * @param telemetry what jobs have told
     * @param resources facts for validation
     * @param models stored models
     * @param datasets stored data sets
     * @param checkpoints of jobs
     * @param uploads files on their way; those that have expired are removed while the server runs
     * @param clock tells the time of tokens and bookmarks
     * @param tracers told of every call
     * @throws IOException if the port is taken, the upload folder cannot be emptied or a file of certificates cannot be read
     */
    public static TernionServer start(
            ServerSettings settings,
            ServerAccess access,
            JobQueue queue,
            TelemetryStore telemetry,
            ResourceCatalog resources,
            ModelCatalog models,
            DatasetCatalog datasets,
            CheckpointCatalog checkpoints,
            Uploads uploads,
            Clock clock,
            List<ServerStreamTracer.Factory> tracers)
            throws IOException {
        UploadFolder.deleteTree(settings.uploadFolder());
        TernionServer started = new TernionServer(
                settings, access, queue, telemetry, resources, models, datasets, checkpoints, uploads, clock, tracers);
        try {
            started.server.start();
        } catch (IOException e) {
            started.close();
            throw e;
        }
        started.removeExpired(uploads);
        started.health.setStatus("", ServingStatus.SERVING);
        started.server
                .getServices()
                .forEach(service ->
                        started.health.setStatus(service.getServiceDescriptor().getName(), ServingStatus.SERVING));
        return started;
    }

    /** The port it listens on. */
    public int port() {
        return server.getPort();
    }

    /** What it serves. */
    List<ServerServiceDefinition> services() {
        return server.getServices();
    }

    /** Watches that are open. */
    public int openWatches() {
        return watches.count();
    }

    /** Waits until the server was stopped. */
    public void awaitStopped() throws InterruptedException {
        server.awaitTermination();
    }

    /** Refuses new calls, ends watches, lets other calls finish within the time given, then ends them. */
    public void stop(Duration grace) throws InterruptedException {
        if (!draining) {
            draining = true;
            health.enterTerminalState();
        }
        watches.closeAll(AdmissionInterceptor.draining());
        server.shutdown();
        if (!server.awaitTermination(grace.toMillis(), TimeUnit.MILLISECONDS)) {
            server.shutdownNow();
            server.awaitTermination(grace.toMillis(), TimeUnit.MILLISECONDS);
        }
        scheduler.shutdownNow();
        pools.shutdown();
    }

    /** Ends all calls now. */
    @Override
    public void close() {
        draining = true;
        server.shutdownNow();
        try {
            server.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        scheduler.shutdownNow();
        pools.shutdown();
    }

    private void removeExpired(Uploads uploads) {
        SerialTask remove = new SerialTask(pools.work(), () -> {
            try {
                uploads.removeExpired();
            } catch (IOException e) {
                LOG.warn("an upload that has expired stays until the next try", e);
            }
        });
        scheduler.scheduleWithFixedDelay(remove::wake, 1, 1, TimeUnit.MINUTES);
    }

    private List<BindableService> services(
            ServerSettings settings,
            JobQueue queue,
            TelemetryStore telemetry,
            ResourceCatalog resources,
            ModelCatalog models,
            DatasetCatalog datasets,
            CheckpointCatalog checkpoints,
            Uploads uploads,
            Clock clock) {
        PageTokens tokens = new PageTokens(secret(), clock);
        ActiveReferences active = new ActiveReferences(queue);
        ImportSources sources = new ImportSources(settings, uploads);
        Storage storage = new Storage(settings.quotas(), models, datasets, checkpoints);
        JobCreation creation =
                new JobCreation(queue, resources, active, checkpoints, settings.quotas(), storage, UUID::randomUUID);
        CheckpointReading reading = new CheckpointReading(checkpoints);
        ForkCreation forks = new ForkCreation(creation, checkpoints, reading, queue, resources);
        return List.of(
                new JobGrpcService(queue, creation, forks, checkpoints, watches, tokens, clock),
                new CheckpointGrpcService(checkpoints, reading, queue, tokens, pools.work()),
                new MetricGrpcService(queue, telemetry, watches, tokens, clock),
                new LogGrpcService(queue, telemetry, watches, tokens),
                new ModelGrpcService(models, active, sources, storage, tokens),
                new DatasetGrpcService(datasets, active, sources, storage, tokens),
                new ArtifactGrpcService(models, tokens, pools.work()),
                new UploadGrpcService(uploads, settings.quotas(), UUID::randomUUID),
                new ByteStreamGrpcService(uploads, models, pools.work()),
                health.getHealthService(),
                ProtoReflectionServiceV1.newInstance());
    }

    private NettyServerBuilder builder(ServerSettings settings, ServerAccess access) throws IOException {
        Set<String> endless = Set.of(
                JobServiceGrpc.getWatchJobMethod().getFullMethodName(),
                JobServiceGrpc.getWatchJobsMethod().getFullMethodName(),
                LogServiceGrpc.getTailLogsMethod().getFullMethodName(),
                MetricServiceGrpc.getWatchSeriesMethod().getFullMethodName(),
                "grpc.health.v1.Health/Watch");
        Set<String> slow = Set.of(
                CheckpointServiceGrpc.getVerifyCheckpointMethod().getFullMethodName(),
                CheckpointServiceGrpc.getCreateCheckpointMethod().getFullMethodName(),
                JobServiceGrpc.getForkJobMethod().getFullMethodName());
        NettyServerBuilder builder = ConnectionLimits.usual(settings.streamDeadline())
                .apply(NettyServerBuilder.forAddress(new InetSocketAddress(settings.host(), settings.port())))
                .executor(pools.doors())
                .callExecutor(pools)
                // The interceptor added last is asked first.
                .intercept(new DeadlineInterceptor(
                        settings.unaryDeadline(), settings.streamDeadline(), slow, endless, scheduler));
        if (access.tls() != null) {
            builder.sslContext(Tls.server(access.tls()));
        }
        if (access.authenticator() != null) {
            builder.intercept(new RateLimitInterceptor(new RateLimits(access.nanoTime())))
                    .intercept(new AuthInterceptor(access.authenticator(), streams));
            scheduler.scheduleWithFixedDelay(
                    () -> streams.endOthersThan(access.authenticator()), 1, 1, TimeUnit.SECONDS);
        }
        builder.intercept(new AdmissionInterceptor(() -> draining, pools.maxWaiting()))
                .intercept(new ErrorInterceptor());
        if (access.audit() != null) {
            builder.intercept(new AuditInterceptor(access.audit()));
        }
        return builder.intercept(new RequestIdInterceptor());
    }

    private static byte[] secret() {
        byte[] key = new byte[32];
        new SecureRandom().nextBytes(key);
        return key;
    }
}
