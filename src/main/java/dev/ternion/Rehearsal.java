package dev.ternion;

import dev.ternion.api.SpecMapper;
import dev.ternion.api.v1.JobSpec;
import dev.ternion.artifact.Digests;
import dev.ternion.backend.Device;
import dev.ternion.data.Dataset;
import dev.ternion.data.DatasetFolder;
import dev.ternion.data.Example;
import dev.ternion.data.TaskInfo;
import dev.ternion.jobs.AttemptOver;
import dev.ternion.observe.Logs;
import dev.ternion.recipe.CancelToken;
import dev.ternion.recipe.JobCancelled;
import dev.ternion.recipe.JobFailure;
import dev.ternion.recipe.JobListener;
import dev.ternion.recipe.RecipeContext;
import dev.ternion.recipe.Workspace;
import dev.ternion.worker.grpc.GrpcLink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a worker does while it waits for a job: a small one on made-up data, from the teacher to the resumption, so that classes are
 * loaded and code is compiled when the real one comes. Nothing of it stays.
 */
final class Rehearsal {
    private static final Logger LOG = LoggerFactory.getLogger(Rehearsal.class);
    private static final String PREFIX = "rehearsal-";
    private static final String ENCODER = "encoder", ROWS = "rows", TEACHER = "teacher", STUDENT = "student";
    private static final int MOST_ROWS = 16;
    private static final int LENGTH = 8;
    private static final int BATCH = 4;
    private static final int CHUNK = 1 << 16, CHUNKS = 512;
    private static final int STEPS = 61; // one more than the usual intervention phase

    /** Steps told, of both arms, until the student's training is interrupted, and then until it has been seen enough of. */
    private static final int PAUSE = 4, END = 12;

    private final Path dataFolder;
    private final RecipeContext context;
    private final BooleanSupplier enough;
    private int steps;

    /**
     * @param real workspace of the server
     * @param devices opens a device by name
     * @param enough whether the real job is there; asked between steps
     */
    Rehearsal(Workspace real, Function<String, Device> devices, BooleanSupplier enough) {
        dataFolder = real.root();
        Workspace own = new Workspace(
                real.cache().resolve(PREFIX + ProcessHandle.current().pid()));
        context = new RecipeContext(own, devices, System::nanoTime, () -> "");
        this.enough = enough;
    }

    /** Runs it; a real job does not suffer from what fails here. */
    void run() {
        try {
            Logs.quietly(this::rehearse);
        } catch (JobCancelled e) {
            LOG.debug("the rehearsal was cut short");
        } catch (Exception e) {
            LOG.warn("this worker waits, but has not rehearsed", e);
        }
    }

    private Void rehearse() throws IOException, JobFailure, JobCancelled {
        Path folder = context.workspace().root();
        removeOld(folder.getParent());
        try {
            call();
            digest();
            fill();
            run(TEACHER, fineTune(), () -> false);
            student();
        } finally {
            Folders.remove(folder);
        }
        return null;
    }

    /** Of processes that have ended in the middle. */
    private static void removeOld(Path cache) throws IOException {
        Files.createDirectories(cache);
        try (Stream<Path> all = Files.list(cache)) {
            for (Path path : all.toList()) {
                String name = path.getFileName().toString();
                if (name.startsWith(PREFIX)
                        && ProcessHandle.of(Long.parseLong(name.substring(PREFIX.length())))
                                .isEmpty()) {
                    Folders.remove(path);
                }
            }
        }
    }

    /** Of an attempt that there is not, as the server says. */
    private void call() {
        try (GrpcLink link = new GrpcLink(dataFolder, "", 0)) {
            link.claim();
        } catch (AttemptOver e) {
            LOG.debug("the server answers");
        }
    }

    /** As much as has the loop of SHA-256 compiled, which is seven times as fast then; the small job has too little. */
    private static void digest() {
        MessageDigest digest = Digests.newSha256();
        byte[] chunk = new byte[CHUNK];
        for (int i = 0; i < CHUNKS; i++) {
            digest.update(chunk);
        }
    }

    private void fill() throws IOException {
        StarterEncoder.write(context.workspace().model(ENCODER));
        List<Example> rows = new ArrayList<>();
        for (int i = 1; i <= MOST_ROWS; i++) {
            rows.add(new Example("row " + i, null, i % 2, i));
        }
        TaskInfo task = TaskInfo.classification(List.of("even", "odd"));
        DatasetFolder.write(
                Dataset.of(task, rows, rows, List.of(), List.of()),
                context.workspace().dataset(ROWS));
    }

    private static JobSpec fineTune() {
        JobSpec.Builder spec = JobSpec.newBuilder();
        spec.getFineTuneBuilder().setModel(ENCODER);
        spec.getFineTuneBuilder().getDataBuilder().setDataset(ROWS).setMaxLength(LENGTH);
        spec.getFineTuneBuilder().getBudgetBuilder().setBatchSize(BATCH).setSteps(2);
        return spec.build();
    }

    private static JobSpec qat() {
        JobSpec.Builder spec = JobSpec.newBuilder();
        spec.getQatBuilder().setTeacher(TEACHER);
        spec.getQatBuilder().getDataBuilder().setDataset(ROWS).setMaxLength(LENGTH);
        spec.getQatBuilder()
                .getBudgetBuilder()
                .setBatchSize(BATCH)
                .setSteps(STEPS)
                .setEvalEvery(2);
        return spec.build();
    }

    private void student() throws JobFailure, JobCancelled {
        try {
            run(STUDENT, qat(), () -> steps >= PAUSE);
        } catch (JobCancelled e) {
            run(STUDENT, qat(), () -> steps >= END);
        }
    }

    private void run(String output, JobSpec spec, BooleanSupplier interrupted) throws JobFailure, JobCancelled {
        if (enough.getAsBoolean()) {
            throw new JobCancelled();
        }
        new RecipeRunner(context).run(output, SpecMapper.read(spec, output), new StepCounter(), new Token(interrupted));
    }

    private final class StepCounter implements JobListener {
        @Override
        public void phase(Phase phase, String arm, long seed, String message) {
            // nobody listens
        }

        @Override
        public void step(StepProgress progress) {
            steps++;
        }

        @Override
        public void evaluation(Evaluation evaluation) {
            // nobody listens
        }
    }

    private final class Token implements CancelToken {
        private final BooleanSupplier interrupted;

        private Token(BooleanSupplier interrupted) {
            this.interrupted = interrupted;
        }

        @Override
        public boolean isCancelled() {
            return enough.getAsBoolean() || interrupted.getAsBoolean();
        }

        @Override
        public boolean isDraining() {
            return !enough.getAsBoolean();
        }
    }
}
