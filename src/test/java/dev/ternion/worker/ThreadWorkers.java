package dev.ternion.worker;

import dev.ternion.jobs.CheckpointAnswer;
import dev.ternion.jobs.Instruction;
import dev.ternion.jobs.JobRuns;
import dev.ternion.jobs.Opaque;
import dev.ternion.jobs.Outcome;
import dev.ternion.jobs.Report;
import dev.ternion.jobs.Workers;
import dev.ternion.telemetry.TelemetryStore;
import dev.ternion.telemetry.Told;
import dev.ternion.telemetry.Work;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/** Workers that are threads of this process and call the server's objects themselves. */
public final class ThreadWorkers implements Workers {
    private final JobRunner runner;
    private final Clock clock;
    private final Supplier<UUID> ids;
    private volatile JobRuns runs;
    private volatile TelemetryStore telemetry;

    public ThreadWorkers(JobRunner runner, Clock clock, Supplier<UUID> ids) {
        this.runner = runner;
        this.clock = clock;
        this.ids = ids;
    }

    /** Whom the workers call; before the first is started. */
    public void serve(JobRuns newRuns, TelemetryStore newTelemetry) {
        runs = newRuns;
        telemetry = newTelemetry;
    }

    @Override
    public Worker start(String jobId, int attempt, Runnable onExit) throws IOException {
        AtomicBoolean alive = new AtomicBoolean(true);
        Runnable end = () -> {
            alive.set(false);
            onExit.run();
        };
        Thread thread = new Thread(() -> run(jobId, attempt, end), "worker of " + jobId);
        thread.start();
        return new Worker() {
            @Override
            public String name() {
                return thread.getName();
            }

            @Override
            public boolean isAlive() {
                return alive.get();
            }

            @Override
            public void kill() {
                thread.interrupt();
            }
        };
    }

    private void run(String jobId, int attempt, Runnable onExit) {
        try {
            new Attempt(jobId, new Direct(runs, telemetry, jobId, attempt), runner, clock, ids, () -> {}, () -> {})
                    .run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            onExit.run();
        }
    }

    @Override
    public Optional<Worker> find(String name) {
        return Optional.empty();
    }

    private record Direct(JobRuns runs, TelemetryStore telemetry, String jobId, int attempt) implements ServerLink {
        @Override
        public Opaque claim() {
            return runs.claim(jobId, attempt).spec();
        }

        @Override
        public Instruction report(long first, List<Report> reports, Told told, Work work, CheckpointAnswer answer) {
            if (!told.isEmpty() && telemetry.append(jobId, attempt, told)) {
                runs.signal(jobId);
            }
            if (!answer.isNone()) {
                runs.checkpointed(jobId, attempt, answer);
            }
            return new Instruction(runs.report(jobId, attempt, first, reports), runs.checkpointWanted(jobId, attempt));
        }

        @Override
        public String finish(Outcome outcome) {
            return runs.finish(jobId, attempt, outcome).state().name();
        }
    }
}
