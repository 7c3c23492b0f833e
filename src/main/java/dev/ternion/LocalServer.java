package dev.ternion;

import dev.ternion.api.Secrets;
import dev.ternion.backend.Backends;
import dev.ternion.backend.Device;
import dev.ternion.cli.RunningServer;
import dev.ternion.cli.ServeOptions;
import dev.ternion.jobs.JobChanges;
import dev.ternion.jobs.JobQueue;
import dev.ternion.jobs.JobRuns;
import dev.ternion.jobs.StoreUnavailable;
import dev.ternion.objects.ObjectStore;
import dev.ternion.objects.UploadLimits;
import dev.ternion.objects.Uploads;
import dev.ternion.observe.JvmMetrics;
import dev.ternion.observe.Logs;
import dev.ternion.observe.Metrics;
import dev.ternion.observe.MetricsServer;
import dev.ternion.observe.Traces;
import dev.ternion.recipe.Workspace;
import dev.ternion.server.CallMetrics;
import dev.ternion.server.CallTraces;
import dev.ternion.server.DataFolderLock;
import dev.ternion.server.Quotas;
import dev.ternion.server.ServerSettings;
import dev.ternion.server.TernionServer;
import dev.ternion.server.WorkMetrics;
import dev.ternion.server.WorkerServer;
import dev.ternion.store.JobDatabase;
import dev.ternion.store.PostgresSettings;
import dev.ternion.worker.ProcessWorkers;
import dev.ternion.worker.grpc.GrpcLink;
import io.grpc.ServerStreamTracer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;

/** A server with its queue, stores and workers, on one data folder. */
final class LocalServer implements RunningServer {
    private static final Duration GRACE = Duration.ofSeconds(2);

    /** Time for a worker to hand its job over. */
    private static final Duration HAND_OVER = Duration.ofSeconds(20);

    /** No id of a job. */
    private static final String NO_JOB = "";

    private final Path dataFolder;
    private final DataFolderLock lock;
    private final JobDatabase jobs;
    private final LocalSecurity security;
    private final TernionServer server;
    private final ProcessWorkers workers;
    private final JobRuns runs;
    private final JobResults results;
    private final LocalBucket bucket;
    private final WorkerServer workerServer;
    private final Optional<MetricsServer> metrics;
    private final Optional<Traces> traces;
    private final Thread dispatcher;
    private final CountDownLatch stopped = new CountDownLatch(1);

    private LocalServer(
            Path dataFolder,
            DataFolderLock lock,
            JobDatabase jobs,
            LocalSecurity security,
            TernionServer server,
            ProcessWorkers workers,
            JobRuns runs,
            JobResults results,
            LocalBucket bucket,
            WorkerServer workerServer,
            Optional<MetricsServer> metrics,
            Optional<Traces> traces) {
        this.dataFolder = dataFolder;
        this.lock = lock;
        this.jobs = jobs;
        this.security = security;
        this.server = server;
        this.workers = workers;
        this.runs = runs;
        this.results = results;
        this.bucket = bucket;
        this.workerServer = workerServer;
        this.metrics = metrics;
        this.traces = traces;
        this.dispatcher = new Thread(runs, "ternion-dispatcher");
    }

    static LocalServer start(ServeOptions options) throws IOException {
        if (options.jsonLog()) {
            Logs.useJson(Secrets::redact);
        }
        Path folder = options.dataFolder().toAbsolutePath().normalize();
        Opened opened = new Opened();
        try {
            return open(options, folder, opened);
        } catch (IOException | RuntimeException e) {
            opened.closeAll(e);
            throw e;
        }
    }

    private static LocalServer open(ServeOptions options, Path folder, Opened opened) throws IOException {
        DataFolderLock lock = DataFolderLock.acquire(folder);
        opened.add(lock::close);
        JobDatabase jobs = LocalJobs.open(folder, options.database(), LocalServer::dieOf);
        opened.add(jobs::close);
        Workspace workspace = new Workspace(folder);
        Quotas quotas = options.quotas().isEmpty()
                ? Quotas.NONE
                : Quotas.read(options.quotas().get());
        int threads =
                options.threads() > 0 ? options.threads() : Runtime.getRuntime().availableProcessors();
        try (Device probe = Backends.open("cpu", threads)) {
            org.slf4j.LoggerFactory.getLogger(LocalServer.class).info("device: {}", probe.description());
        }
        ObjectStore objects = LocalObjects.open(folder, options.bucket());
        LocalBucket bucket = LocalBucket.open(
                folder,
                options.bucket(),
                objects,
                jobs.storeId(),
                jobs.store()::find,
                () -> jobs.store().find(NO_JOB));
        bucket.checkpoints().ifPresent(copies -> opened.add(copies::close));
        ResourceFolders modelFolders = ResourceFolders.models(workspace, bucket.models());
        ResourceFolders datasetFolders = ResourceFolders.datasets(workspace, bucket.datasets());
        StoredModels models = new StoredModels(workspace, bucket.models(), modelFolders);
        StoredDatasets datasets = new StoredDatasets(workspace, bucket.datasets(), datasetFolders);
        JobResults results = new JobResults(workspace, bucket.models(), System::nanoTime, JobResults.PATIENCE);
        opened.add(results::close);
        jobs.fillDevices(RecipeRunner::device);
        Clock clock = Clock.systemUTC();
        Metrics metrics = new Metrics();
        JobMetrics jobMetrics = new JobMetrics(metrics, jobs.store());
        JobChanges changes = new JobChanges(new ObservedStore(jobs.store(), jobMetrics::changed), clock);
        changes.measure(HostMemory::free);
        changes.allow(quotas::allowance);
        JobQueue queue = new JobQueue(changes, UUID::randomUUID, options.queueLimit());
        StoredCheckpoints checkpoints =
                new StoredCheckpoints(workspace, id -> jobs.store().find(id));
        checkpoints.tidyAll();
        new CheckpointAge(jobs.store(), checkpoints::newest, clock).addTo(metrics);
        ProcessWorkers workers = new ProcessWorkers(
                LocalWorker.command(folder, threads, options.jsonLog(), options.traces()),
                Set.of(PostgresSettings.PASSWORD));
        opened.add(workers::close);
        JobRuns runs = new JobRuns(
                changes,
                workers,
                System::nanoTime,
                id -> {
                    checkpoints.tidy(id);
                    results.leftovers(id, () -> jobs.store().find(id));
                },
                results);
        Uploads uploads = new Uploads(folder.resolve("incoming"), objects, UploadLimits.DEFAULT, clock);
        Optional<Traces> traces = LocalTraces.open(options.traces(), LocalTraces.SERVER);
        traces.ifPresent(spans -> opened.add(spans::close));
        LocalSecurity security = new LocalSecurity(options.security(), folder, clock, LocalServer::dieOf);
        opened.add(security::close);
        ServerSettings settings = ServerSettings.loopback(
                        options.port(), folder.resolve("uploads"), options.importRoots())
                .withHost(options.host())
                .withQuotas(quotas);
        WorkMetrics work = new WorkMetrics(metrics);
        CallMetrics calls = new CallMetrics(metrics, System::nanoTime);
        JvmMetrics.addTo(metrics);
        List<ServerStreamTracer.Factory> tracers = new ArrayList<>(List.of(calls));
        traces.ifPresent(spans -> tracers.add(new CallTraces(spans)));
        TernionServer server = TernionServer.start(
                settings,
                security.access(),
                queue,
                jobs.telemetry(),
                new StoredResources(modelFolders, datasetFolders),
                models,
                datasets,
                checkpoints,
                uploads,
                clock,
                tracers);
        opened.add(server::close);
        Optional<MetricsServer> metricsServer = Optional.empty();
        if (options.metrics().isPresent()) {
            ServeOptions.MetricsAddress address = options.metrics().get();
            MetricsServer started = MetricsServer.start(metrics, address.host(), address.port());
            opened.add(started::close);
            metricsServer = Optional.of(started);
        }
        WorkerServer workerServer =
                new WorkerServer(runs, jobs.telemetry(), work, folder.resolve(GrpcLink.ADDRESS_FILE), GrpcLink.SECRET);
        opened.add(workerServer::close);
        lock.publishPort(server.port());
        LocalServer started = new LocalServer(
                folder,
                lock,
                jobs,
                security,
                server,
                workers,
                runs,
                results,
                bucket,
                workerServer,
                metricsServer,
                traces);
        started.dispatcher.start();
        bucket.checkpoints().ifPresent(CheckpointCopies::start);
        return started;
    }

    /** Ends the process before it can acknowledge what may not be stored. */
    private static void dieOf(RuntimeException fault) {
        org.slf4j.LoggerFactory.getLogger(LocalServer.class)
                .error(
                        "jobs can no longer be stored, the server ends; see the disk of the data folder, or its database",
                        fault);
        Main.halt(STORE_LOST);
    }

    @Override
    public int port() {
        return server.port();
    }

    @Override
    public OptionalInt metricsPort() {
        return metrics.map(server -> OptionalInt.of(server.port())).orElse(OptionalInt.empty());
    }

    @Override
    public Path dataFolder() {
        return dataFolder;
    }

    @Override
    public void awaitTermination() throws InterruptedException {
        stopped.await();
    }

    @Override
    public void halt(int status) {
        Main.halt(status);
    }

    private void handOver() {
        try {
            runs.drain(HAND_OVER);
        } catch (StoreUnavailable e) {
            org.slf4j.LoggerFactory.getLogger(LocalServer.class)
                    .warn("jobs under way go on without a server and report to the next one: {}", e.getMessage());
        }
    }

    @Override
    public void close() {
        metrics.ifPresent(MetricsServer::close);
        workers.close();
        runs.close();
        try {
            dispatcher.join();
            server.stop(GRACE);
            handOver();
            workerServer.close();
            results.close();
            bucket.checkpoints().ifPresent(CheckpointCopies::close);
            traces.ifPresent(Traces::close);
            security.close();
            jobs.close();
            lock.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            org.slf4j.LoggerFactory.getLogger(LocalServer.class)
                    .warn("a file of the data folder stays behind: {}", e.getMessage());
        } finally {
            stopped.countDown();
        }
    }
}
