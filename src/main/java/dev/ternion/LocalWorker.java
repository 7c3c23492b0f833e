package dev.ternion;

import dev.ternion.api.Secrets;
import dev.ternion.backend.Backends;
import dev.ternion.observe.Logs;
import dev.ternion.observe.Traces;
import dev.ternion.recipe.RecipeContext;
import dev.ternion.recipe.Workspace;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** This process as the worker of one attempt, and how a server starts another one. */
final class LocalWorker {
    private static final Logger LOG = LoggerFactory.getLogger(LocalWorker.class);

    /** When memory is short, the system ends the worker and not the server. */
    private static final String OOM_SCORE = "500";

    /** EX_SOFTWARE of sysexits. */
    private static final int FAULT = 70;

    private LocalWorker() {}

    static void run(Path dataFolder, String job, int attempt, int threads, boolean jsonLog, Optional<URI> collector)
            throws InterruptedException {
        if (jsonLog) {
            Logs.useJson(Secrets::redact);
        }
        try {
            Files.writeString(Path.of("/proc/self/oom_score_adj"), OOM_SCORE);
        } catch (IOException e) {
            LOG.debug("the system will not prefer this process when memory is short", e);
        }
        Workspace workspace = new Workspace(dataFolder);
        try (GrpcLink link = new GrpcLink(dataFolder, job, attempt)) {
            RecipeContext context =
                    new RecipeContext(workspace, name -> Backends.open(name, threads), System::nanoTime, link::owner);
            Optional<Traces> traces = traces(collector);
            JobRunner runner = traces.isEmpty()
                    ? new RecipeRunner(context, checkpoints -> checkpoints)
                    : new TracedRunner(
                            traces.get(), attempt, link::traceparent, around -> new RecipeRunner(context, around));
            new Attempt(
                            job,
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
     * one that starts fastest, unless the flags name one.
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
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName(), "worker"));
        command.addAll(List.of("--data", dataFolder.toString(), "--threads", String.valueOf(threads)));
        if (jsonLog) {
            command.add("--json-log");
        }
        collector.ifPresent(uri -> command.addAll(List.of("--traces", uri.toString())));
        return command;
    }
}
