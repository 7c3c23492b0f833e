package dev.ternion.data;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A task with its examples. Immutable; the digest names the content, whatever file it came from.
 *
 * @param task kind, labels and metrics
 * @param train examples to train on, possibly none
 * @param eval examples to evaluate on (the dev split of GLUE)
 * @param test labelled examples held back, often none
 * @param notes sentences a user should see about the import (a split that is absent, a file left out)
 * @param digest SHA-256, 64 hexadecimal digits, over task and splits ({@link DatasetDigest}); row numbers and notes are
 *     not in it
 */
public record Dataset(
        TaskInfo task, List<Example> train, List<Example> eval, List<Example> test, List<String> notes, String digest) {
    /** Copies the lists, those of examples as {@link PackedExamples}. */
    public Dataset {
        train = PackedExamples.of(train);
        eval = PackedExamples.of(eval);
        test = PackedExamples.of(test);
        notes = List.copyOf(notes);
    }

    /** A data set with its digest computed. */
    public static Dataset of(
            TaskInfo task, List<Example> train, List<Example> eval, List<Example> test, List<String> notes) {
        return new Dataset(task, train, eval, test, notes, DatasetDigest.of(task, train, eval, test));
    }

    /** The splits by name, in the order train, eval, test. */
    public Map<String, List<Example>> splits() {
        Map<String, List<Example>> splits = new LinkedHashMap<>();
        splits.put("train", train);
        splits.put("eval", eval);
        splits.put("test", test);
        return splits;
    }

    /**
     * One split.
     *
     * @param name {@code train}, {@code eval} or {@code test}; {@code dev} is another name of {@code eval}
     */
    public List<Example> split(String name) {
        List<Example> split = splits().get(name.equals("dev") ? "eval" : name);
        if (split == null) {
            throw new IllegalArgumentException("no split " + name + ", wanted train, eval (or dev) or test");
        }
        return split;
    }
}
