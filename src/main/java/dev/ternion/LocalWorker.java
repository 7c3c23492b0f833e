package dev.ternion;

import dev.ternion.api.Secrets;
import dev.ternion.backend.Backends;
import dev.ternion.backend.Device;
import dev.ternion.observe.Logs;
import dev.ternion.observe.Traces;
import dev.ternion.recipe.RecipeContext;
import dev.ternion.recipe.Workspace;
import dev.ternion.worker.Assignment;
import dev.ternion.worker.Attempt;
import dev.ternion.worker.JobRunner;
import dev.ternion.worker.grpc.GrpcLink;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** This process as the worker of one attempt, and how a server starts another one. */
final class LocalWorker {
    private static final Logger LOG = LoggerFactory.getLogger(LocalWorker.class);

    /** When memory is short, the system ends the worker and not the server. */
    private static final String OOM_SCORE = "500";

    /** Name of the process, for {@code ps}, while it waits; then it has that of its job. */
    static final String WAITS = "ternion-waits";

    /** A worker that waits should not keep what its rehearsal has thrown away. */
    private static final String SMALL_AT_FIRST = "-Xms32m";

    private static final long HASTE_MS = 50;

    /** EX_SOFTWARE of sysexits. */
    private static final int FAULT = 70;

    private LocalWorker() {}

    static void run(Path dataFolder, int threads, boolean jsonLog, Optional<URI> collector)
            throws InterruptedException {
        if (jsonLog) {
            Logs.useJson(Secrets::redact);
        }
        tell("oom_score_adj", OOM_SCORE);
        Workspace workspace = new Workspace(dataFolder);
        Function<String, Device> devices = name -> Backends.open(name, threads);
        Assignment assignment = assignment(workspace, devices);
        tell("comm", assignment.job());
        try (GrpcLink link = new GrpcLink(dataFolder, assignment.job(), assignment.attempt())) {
            RecipeContext context = new RecipeContext(workspace, devices, System::nanoTime, link::owner);
            Optional<Traces> traces = traces(collector);
            JobRunner recipes = new RecipeRunner(context);
            JobRunner runner = traces.isEmpty()
                    ? recipes
                    : new TracedRunner(traces.get(), assignment.attempt(), link::traceparent, recipes);
            new Attempt(
                            assignment.job(),
                            link,
                            runner,
                            Clock.systemUTC(),
                            UUID::randomUUID,
                            () -> Main.halt(0),
                            () -> Main.halt(FAULT))
                    .run();
            traces.ifPresent(Traces::close);
        }
    }

    /** That of a worker that is wanted now is there already; others have time for a rehearsal. */
    private static Assignment assignment(Workspace workspace, Function<String, Device> devices)
            throws InterruptedException {
        CompletableFuture<Assignment> next = next();
        try {
            return next.get(HASTE_MS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            new Rehearsal(workspace, devices, next::isDone).run();
            if (!next.isDone()) {
                tell("comm", WAITS);
            }
            return next.join();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What the server says on standard input; when it says nothing more, this process ends. */
    private static CompletableFuture<Assignment> next() {
        CompletableFuture<Assignment> next = new CompletableFuture<>();
        Thread reader = new Thread(
                () -> {
                    try {
                        Assignment.read(System.in).ifPresentOrElse(next::complete, () -> Main.halt(0));
                    } catch (IOException e) {
                        LOG.error("this worker cannot hear its server", e);
                        Main.halt(FAULT);
                    }
                },
                "assignment");
        reader.setDaemon(true);
        reader.start();
        return next;
    }

    /** Tells the system something about this process; without it nothing but comfort is lost. */
    private static void tell(String file, String value) {
        try {
            Files.writeString(Path.of("/proc/self", file), value);
        } catch (IOException e) {
            LOG.debug("/proc/self/{} cannot be written", file, e);
        }
    }

    /** A job does not fail for want of them. */
    private static Optional<Traces> traces(Optional<URI> collector) {
        try {
            return LocalTraces.open(collector, LocalTraces.WORKER);
        } catch (IOException e) {
            LOG.warn("this attempt is not traced: {}", e.getMessage());
            return Optional.empty();
        }
    }

    /**
     * The command of a worker: this process's Java and its flags for memory and modules, the same classes. The garbage collector is the
     * one that starts fastest and the heap is small at first, unless the flags say otherwise.
     */
    static List<String> command(Path dataFolder, int threads, boolean jsonLog, Optional<URI> collector) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        List<String> flags = ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> flag.startsWith("-X") || flag.startsWith("-D") || flag.startsWith("--"))
                .filter(flag -> !flag.startsWith("-Xrunjdwp") && !flag.startsWith("-Xdebug"))
                .toList();
        command.addAll(flags);
        if (flags.stream().noneMatch(flag -> flag.matches("-XX:\\+Use.*GC"))) {
            command.add("-XX:+UseSerialGC");
        }
        if (flags.stream().noneMatch(flag -> flag.matches("-Xms.*|-XX:InitialHeapSize=.*"))) {
            command.add(SMALL_AT_FIRST);
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName(), "worker"));
        command.addAll(List.of("--data", dataFolder.toString(), "--threads", String.valueOf(threads)));
        if (jsonLog) {
            command.add("--json-log");
        }
        collector.ifPresent(uri -> command.addAll(List.of("--traces", uri.toString())));
        return command;
    }
}
