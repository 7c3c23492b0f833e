package dev.ternion;

import dev.ternion.backend.Backends;
import dev.ternion.backend.Device;
import dev.ternion.cli.RunningServer;
import dev.ternion.cli.ServeOptions;
import dev.ternion.jobs.JobQueue;
import dev.ternion.jobs.JobState;
import dev.ternion.recipe.RecipeContext;
import dev.ternion.recipe.Workspace;
import dev.ternion.server.DataFolderLock;
import dev.ternion.server.ServerSettings;
import dev.ternion.server.TernionServer;
import dev.ternion.store.JobDatabase;
import dev.ternion.worker.JobWorker;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;

/** A server with its queue, stores and one worker thread, on one data folder. */
final class LocalServer implements RunningServer {
    private static final Duration GRACE = Duration.ofSeconds(2);

    private final Path dataFolder;
    private final DataFolderLock lock;
    private final JobDatabase jobs;
    private final TernionServer server;
    private final JobWorker worker;
    private final Thread workerThread;
    private final CountDownLatch stopped = new CountDownLatch(1);

    private LocalServer(
            Path dataFolder, DataFolderLock lock, JobDatabase jobs, TernionServer server, JobWorker worker) {
        this.dataFolder = dataFolder;
        this.lock = lock;
        this.jobs = jobs;
        this.server = server;
        this.worker = worker;
        this.workerThread = new Thread(worker, "ternion-worker");
    }

    static LocalServer start(ServeOptions options) throws IOException {
        Path folder = options.dataFolder().toAbsolutePath().normalize();
        DataFolderLock lock = DataFolderLock.acquire(folder);
        try {
            JobDatabase jobs = JobDatabase.inFolder(folder, LocalServer::dieOf);
            try {
                return open(options, folder, lock, jobs);
            } catch (IOException | RuntimeException e) {
                jobs.close();
                throw e;
            }
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    private static LocalServer open(ServeOptions options, Path folder, DataFolderLock lock, JobDatabase jobs)
            throws IOException {
        Workspace workspace = new Workspace(folder);
        int threads =
                options.threads() > 0 ? options.threads() : Runtime.getRuntime().availableProcessors();
        try (Device probe = Backends.open("cpu", threads)) {
            org.slf4j.LoggerFactory.getLogger(LocalServer.class).info("device: {}", probe.description());
        }
        StoredModels models = new StoredModels(workspace);
        StoredDatasets datasets = new StoredDatasets(workspace);
        RecipeContext context = new RecipeContext(workspace, name -> Backends.open(name, threads), System::nanoTime);
        Clock clock = Clock.systemUTC();
        JobQueue queue = new JobQueue(jobs.store(), clock, UUID::randomUUID, options.queueLimit());
        RecipeRunner runner = new RecipeRunner(context);
        Set<JobState> open = Set.of(JobState.QUEUED, JobState.RUNNING, JobState.CANCELLING);
        runner.keepOnly(queue.list(open, Long.MAX_VALUE, Integer.MAX_VALUE));
        JobWorker worker = new JobWorker(queue, runner, clock, UUID::randomUUID);
        ServerSettings settings = ServerSettings.loopback(
                        options.port(), folder.resolve("uploads"), options.importRoots())
                .withHost(options.host());
        TernionServer server =
                TernionServer.start(settings, queue, new StoredResources(workspace), models, datasets, clock);
        try {
            lock.publishPort(server.port());
        } catch (IOException e) {
            server.close();
            throw e;
        }
        LocalServer started = new LocalServer(folder, lock, jobs, server, worker);
        started.workerThread.start();
        return started;
    }

    /** Ends the process before it can acknowledge what may not be stored. */
    private static void dieOf(RuntimeException fault) {
        org.slf4j.LoggerFactory.getLogger(LocalServer.class)
                .error("jobs can no longer be stored, the server ends; see the disk of the data folder", fault);
        Main.halt(STORE_LOST);
    }

    @Override
    public int port() {
        return server.port();
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

    @Override
    public void close() {
        worker.stop();
        try {
            server.stop(GRACE);
            workerThread.join();
            jobs.close();
            lock.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            org.slf4j.LoggerFactory.getLogger(LocalServer.class).warn("data folder lock: {}", e.getMessage());
        } finally {
            stopped.countDown();
        }
    }
}
