package dev.ternion;

import dev.ternion.api.SpecMapper;
import dev.ternion.api.SpecReferences;
import dev.ternion.jobs.Job;
import dev.ternion.jobs.Results;
import dev.ternion.recipe.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Models that jobs have made: each is copied by a thread of this, again and again when that fails, before its job is done. */
final class JobResults implements Results, AutoCloseable {
    /** A job whose models cannot be copied for so long leaves its device and is queued again. */
    static final Duration PATIENCE = Duration.ofMinutes(5);

    private static final Logger LOG = LoggerFactory.getLogger(JobResults.class);
    private static final long FIRST_WAIT_MS = 200;
    private static final long LONGEST_WAIT_MS = 5000;

    private final Workspace workspace;
    private final DurableCopies models;
    private final LongSupplier nanos;
    private final Duration patience;
    private final Map<String, Sending> sendings = new HashMap<>();
    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "ternion-results");
        thread.setDaemon(true);
        return thread;
    });

    /** @param nanos as {@link System#nanoTime} */
    JobResults(Workspace workspace, DurableCopies models, LongSupplier nanos, Duration patience) {
        this.workspace = workspace;
        this.models = models;
        this.nanos = nanos;
        this.patience = patience;
    }

    @Override
    public Stage stage(Job job) {
        if (models == DurableCopies.NONE) {
            return Stage.KEPT;
        }
        synchronized (sendings) {
            Sending sending = sendings.get(job.id());
            if (sending == null || sending.attempt != job.runs().newest()) {
                sending = new Sending(job);
                sendings.put(job.id(), sending);
                later(sending, 0);
            }
            if (sending.stage != Stage.UNDER_WAY) {
                sendings.remove(job.id());
            }
            return sending.stage;
        }
    }

    /**
     * Models that a job has made which is over without success are kept too: once, the next start does what fails.
     *
     * @param find the job, unless it is gone
     */
    void leftovers(String id, Supplier<Optional<Job>> find) {
        if (models != DurableCopies.NONE) {
            synchronized (sendings) {
                sendings.remove(id);
            }
            later(() -> find.get().ifPresent(job -> outputs(job).forEach(this::tryToKeep)), 0);
        }
    }

    private void tryToKeep(String model) {
        try {
            if (!models.has(model)) {
                models.keep(model);
            }
        } catch (IOException | RuntimeException e) {
            LOG.warn("model {} is sent to the object store by the next start: {}", model, e.getMessage());
        }
    }

    private List<String> outputs(Job job) {
        return SpecReferences.of(SpecMapper.decode(job.spec().bytes())).outputs().stream()
                .filter(model -> Files.isDirectory(workspace.model(model)))
                .sorted()
                .toList();
    }

    private void later(Runnable task, long millis) {
        try {
            executor.schedule(task, millis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("the server ends");
        }
    }

    /** The models of one attempt. */
    private final class Sending implements Runnable {
        private final Job job;
        private final int attempt;
        private final Queue<String> left;
        private long since = nanos.getAsLong();
        private long wait = FIRST_WAIT_MS;
        private Stage stage = Stage.UNDER_WAY;

        private Sending(Job job) {
            this.job = job;
            this.attempt = job.runs().newest();
            this.left = new ArrayDeque<>(outputs(job));
        }

        @Override
        public void run() {
            try {
                for (String model = left.peek(); model != null; model = left.peek()) {
                    models.keep(model);
                    left.remove();
                    since = nanos.getAsLong();
                    wait = FIRST_WAIT_MS;
                }
                end(Stage.KEPT);
            } catch (IOException | RuntimeException e) {
                LOG.warn("model {} of job {} is not in the object store yet", left.peek(), job.id(), e);
                if (nanos.getAsLong() - since >= patience.toNanos()) {
                    end(Stage.GIVEN_UP);
                } else {
                    later(this, wait);
                    wait = Math.min(LONGEST_WAIT_MS, 2 * wait);
                }
            }
        }

        private void end(Stage last) {
            synchronized (sendings) {
                stage = last;
            }
        }
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
