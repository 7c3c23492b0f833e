package dev.ternion.recipe;

import dev.ternion.data.Batch;
import dev.ternion.data.BatchOrder;
import dev.ternion.data.BertTokenizer;
import dev.ternion.data.Dataset;
import dev.ternion.data.DatasetFolder;
import dev.ternion.data.EncodedSplit;
import dev.ternion.data.Example;
import dev.ternion.data.TaskInfo;
import dev.ternion.training.Evaluator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** The tokenized data of a job. */
public final class TaskData {
    private final DataSpec spec;
    private final TaskInfo task;
    private final EncodedSplit train;
    private final EncodedSplit eval;

    private TaskData(DataSpec spec, TaskInfo task, EncodedSplit train, EncodedSplit eval) {
        this.spec = spec;
        this.task = task;
        this.train = train;
        this.eval = eval;
    }

    /**
     * Reads and tokenizes.
     *
     * @param modelFolder folder that holds the tokenizer
     * @param needsTrain false when only the evaluation split is used
     */
    public static TaskData load(Workspace workspace, DataSpec spec, Path modelFolder, boolean needsTrain)
            throws JobFailure {
        Dataset dataset = dataset(workspace, spec);
        try (BertTokenizer tokenizer = tokenizer(workspace, modelFolder)) {
            EncodedSplit train =
                    needsTrain ? encode(tokenizer, dataset.train(), spec, spec.trainRows(), "train") : null;
            EncodedSplit eval = encode(tokenizer, dataset.eval(), spec, spec.evalRows(), "eval");
            return new TaskData(spec, dataset.task(), train, eval);
        } catch (IOException e) {
            String id = modelFolder.getFileName().toString();
            throw new JobFailure(
                    "MODEL_READ",
                    "the tokenizer of model " + id + " cannot be read (" + e.getMessage() + "): import the model again",
                    Map.of("model", id),
                    e);
        }
    }

    /**
     * Begins to read and tokenize, train split included, on another thread.
     *
     * @param modelFolder as in {@link #load}
     */
    public static Loading begin(Workspace workspace, DataSpec spec, Path modelFolder) {
        return new Loading(() -> load(workspace, spec, modelFolder, true));
    }

    /** Data that is being read. */
    public static final class Loading implements AutoCloseable {
        private final FutureTask<TaskData> task;

        private Loading(Callable<TaskData> load) {
            task = new FutureTask<>(load);
            Thread thread = new Thread(task, "ternion-data");
            thread.setDaemon(true);
            thread.start();
        }

        /** Waits for it. */
        public TaskData get() throws JobFailure {
            try {
                return task.get();
            } catch (ExecutionException e) {
                if (e.getCause() instanceof JobFailure failure) {
                    throw failure;
                }
                if (e.getCause() instanceof Error error) {
                    throw error;
                }
                throw (RuntimeException) e.getCause();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while data was read", e);
            }
        }

        /** Waits until nothing is read any more. */
        @Override
        public void close() {
            try {
                task.get();
            } catch (ExecutionException e) {
                // get tells it, if anybody wants the data
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static Dataset dataset(Workspace workspace, DataSpec spec) throws JobFailure {
        try {
            return DatasetFolder.read(workspace.dataset(spec.dataset()));
        } catch (IOException e) {
            throw new JobFailure(
                    "DATA_READ",
                    "data set " + spec.dataset() + " cannot be read (" + e.getMessage() + "): import it again",
                    Map.of("dataset", spec.dataset()),
                    e);
        }
    }

    private static BertTokenizer tokenizer(Workspace workspace, Path modelFolder) throws IOException {
        Path json = modelFolder.resolve("tokenizer.json");
        return BertTokenizer.open(Files.exists(json) ? json : modelFolder.resolve("vocab.txt"), workspace.cache());
    }

    private static EncodedSplit encode(
            BertTokenizer tokenizer, List<Example> examples, DataSpec spec, int rows, String split) throws JobFailure {
        if (examples.isEmpty()) {
            throw new JobFailure(
                    "DATA_READ",
                    "data set " + spec.dataset() + " has no rows in split " + split + ": import it with that split",
                    Map.of("dataset", spec.dataset(), "split", split));
        }
        List<Example> used = rows > 0 && rows < examples.size() ? examples.subList(0, rows) : examples;
        return EncodedSplit.of(tokenizer, used, spec.maxLength());
    }

    /** What the data asks of a model. */
    public TaskInfo task() {
        return task;
    }

    /** Rows trained on. */
    public int trainRows() {
        return train.size();
    }

    /** Labels of the evaluation rows. */
    public float[] evalLabels() {
        return eval.labels();
    }

    /** Order of training batches: a pure function of seed and step. */
    public BatchOrder order(long seed, int batchSize) {
        return new BatchOrder(seed, train.size(), batchSize);
    }

    /** A training batch. */
    public Batch batch(int[] indices) {
        return Batch.of(train, indices, spec.padding(), spec.maxLength());
    }

    /** Evaluation over the evaluation split. */
    public Evaluator evaluator(int batchSize) {
        return new Evaluator(eval, eval.size(), batchSize, spec.padding(), spec.maxLength());
    }
}
