package dev.ternion.recipe.checkpoint;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.ternion.artifact.CheckpointWriter;
import dev.ternion.artifact.Manifest;
import dev.ternion.artifact.SafetensorsFile;
import dev.ternion.artifact.SafetensorsWriter;
import dev.ternion.recipe.JobSpec;
import dev.ternion.recipe.report.JobReport;
import dev.ternion.tensor.Shape;
import dev.ternion.training.OptimizerState;
import dev.ternion.training.TensorValues;
import dev.ternion.training.TrainingState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The files of a checkpoint: {@code training-I.safetensors} with weights and moments of a training,
 * {@code predictions.safetensors} with {@code finished-I} and {@code running-I}, {@code state.json} with everything else that a job
 * needs, {@code sources.json} with what must not change meanwhile, {@code about.json} for people.
 */
final class SnapshotFiles {
    private static final String STATE = "state.json";
    private static final String PREDICTIONS = "predictions.safetensors";

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .build();

    private SnapshotFiles() {}

    /** @param spec whose checkpoint it is, in words */
    private record State(String spec, List<JobReport.Run> finished, List<Training> running) {}

    private record Training(int step, int optimizerStep, Map<String, Integer> updates, History history) {}

    static void write(CheckpointWriter writer, JobSpec spec, Sources sources, Moment moment, Snapshot snapshot)
            throws IOException {
        SafetensorsWriter predictions = writer.tensors(PREDICTIONS);
        List<Training> trainings = new ArrayList<>();
        for (int i = 0; i < snapshot.running().size(); i++) {
            Snapshot.Running running = snapshot.running().get(i);
            TrainingState state = running.state();
            SafetensorsWriter tensors = writer.tensors(training(i));
            add(tensors, state.weights());
            add(tensors, state.optimizer().moments());
            tensors.write();
            add(predictions, running(i), running.predictions());
            trainings.add(new Training(
                    state.step(), state.optimizer().step(), state.optimizer().updates(), running.history()));
        }
        for (int i = 0; i < snapshot.finished().size(); i++) {
            add(predictions, finished(i), snapshot.finished().get(i).predictions());
        }
        predictions.write();
        List<JobReport.Run> runs =
                snapshot.finished().stream().map(Snapshot.Finished::run).toList();
        writer.write(STATE, JSON.writeValueAsBytes(new State(spec.identity(), runs, trainings)));
        writer.write(Sources.FILE, sources.toJson());
        writer.write(About.FILE, About.of(moment, snapshot).toJson());
    }

    /**
     * Reads a checkpoint that is intact.
     *
     * @throws Foreign when it is that of another spec, or of another version of this program
     */
    static Snapshot read(Path checkpoint, JobSpec spec) throws IOException {
        State state = state(checkpoint.resolve(STATE), spec);
        try (SafetensorsFile predictions = SafetensorsFile.open(checkpoint.resolve(PREDICTIONS))) {
            List<Snapshot.Finished> finished = new ArrayList<>();
            for (JobReport.Run run : state.finished()) {
                finished.add(new Snapshot.Finished(run, floats(predictions, finished(finished.size()))));
            }
            List<Snapshot.Running> running = new ArrayList<>();
            for (Training training : state.running()) {
                int i = running.size();
                Map<String, TensorValues> tensors = tensors(checkpoint.resolve(training(i)));
                OptimizerState optimizer = new OptimizerState(training.optimizerStep(), training.updates(), tensors);
                running.add(new Snapshot.Running(
                        new TrainingState(training.step(), tensors, optimizer),
                        training.history(),
                        floats(predictions, running(i))));
            }
            return new Snapshot(finished, running);
        }
    }

    /**
     * Copies a checkpoint that is intact for a job that begins at it; files of tensors are shared.
     *
     * @param spec of the job that made it
     * @param about it
     * @param forked of the job that begins at it: the trainings under way are all that it goes on with
     * @throws Foreign as {@link #read}
     */
    static void fork(Path checkpoint, JobSpec spec, About about, CheckpointWriter writer, JobSpec forked)
            throws IOException {
        State state = state(checkpoint.resolve(STATE), spec);
        Map<String, Manifest.Entry> files = Manifest.read(checkpoint).files();
        for (Map.Entry<String, Manifest.Entry> file : files.entrySet()) {
            if (file.getKey().endsWith(".safetensors")) {
                writer.link(file.getKey(), checkpoint.resolve(file.getKey()), file.getValue());
            }
        }
        writer.write(STATE, JSON.writeValueAsBytes(new State(forked.identity(), List.of(), state.running())));
        writer.write(Sources.FILE, Sources.read(checkpoint).toJson());
        writer.write(About.FILE, about.forked().toJson());
    }

    /** The checkpoint is intact and cannot be taken up. */
    static final class Foreign extends IOException {
        private static final long serialVersionUID = 1L;

        Foreign(String message, Throwable cause) {
            super(message, cause);
        }
    }

    private static State state(Path file, JobSpec spec) throws IOException {
        State state;
        try {
            state = JSON.readValue(Files.readAllBytes(file), State.class);
        } catch (JacksonException e) {
            throw new Foreign(file.getFileName() + " is that of another version: " + e.getOriginalMessage(), e);
        }
        if (!state.spec().equals(spec.identity())) {
            throw new Foreign(file.getFileName() + " is that of another job: " + state.spec(), null);
        }
        return state;
    }

    private static void add(SafetensorsWriter writer, Map<String, TensorValues> tensors) throws IOException {
        for (Map.Entry<String, TensorValues> tensor : tensors.entrySet()) {
            TensorValues values = tensor.getValue();
            writer.add(
                    tensor.getKey(),
                    "F32",
                    values.shape().toArray(),
                    () -> values.source().read());
        }
    }

    private static void add(SafetensorsWriter writer, String name, float[] values) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        writer.add(name, "F32", new long[] {values.length}, () -> bytes);
    }

    /** All tensors of a file, each read when it is asked for: what has been mapped stays readable after the file is closed. */
    private static Map<String, TensorValues> tensors(Path file) throws IOException {
        Map<String, TensorValues> tensors = new HashMap<>();
        try (SafetensorsFile open = SafetensorsFile.open(file)) {
            for (String name : open.names()) {
                ByteBuffer bytes = open.bytes(name);
                tensors.put(name, new TensorValues(Shape.of(open.shape(name)), () -> bytes));
            }
        }
        return tensors;
    }

    private static float[] floats(SafetensorsFile file, String name) throws IOException {
        FloatBuffer values = file.read(name);
        float[] floats = new float[values.remaining()];
        values.get(floats);
        return floats;
    }

    private static String training(int i) {
        return "training-" + i + ".safetensors";
    }

    private static String running(int i) {
        return "running-" + i;
    }

    private static String finished(int i) {
        return "finished-" + i;
    }
}
