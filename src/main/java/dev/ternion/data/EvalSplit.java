package dev.ternion.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Where the evaluation split comes from. */
public sealed interface EvalSplit {
    /**
     * A second file in the same layout.
     *
     * @param path that file
     */
    record File(Path path) implements EvalSplit {}

    /**
     * A part of the training file, chosen at random, not stratified; both parts keep the order of the file.
     *
     * @param share part of the rows, between 0 and 1, rounded, at least one row and not all
     * @param seed the same seed chooses the same rows of a file of the same length
     */
    record Fraction(double share, long seed) implements EvalSplit {
        /** Refuses a share outside 0..1. */
        public Fraction {
            if (!(share > 0 && share < 1)) {
                throw new IllegalArgumentException("eval share is " + share + ", wanted more than 0 and less than 1");
            }
        }

        /** The two parts, {train, eval}; the input must have two examples or more. */
        List<List<Example>> apply(List<Example> all) {
            int size = all.size();
            if (size < 2) {
                throw new DatasetException(size + " rows cannot be split into train and eval, wanted two or more");
            }
            int count = (int) Math.max(1, Math.min(size - 1, Math.round(size * share)));
            int[] permutation = CounterRandom.of(seed, CounterRandom.EVAL_SPLIT).permutation(size);
            boolean[] chosen = new boolean[size];
            Arrays.stream(permutation, 0, count).forEach(index -> chosen[index] = true);
            List<Example> train = new ArrayList<>(size - count);
            List<Example> eval = new ArrayList<>(count);
            for (int i = 0; i < size; i++) {
                (chosen[i] ? eval : train).add(all.get(i));
            }
            return List.of(train, eval);
        }
    }

    /** The evaluation split is a second file. */
    static EvalSplit file(Path path) {
        return new File(path);
    }

    /** The evaluation split is a seeded share of the rows. */
    static EvalSplit fraction(double share, long seed) {
        return new Fraction(share, seed);
    }
}
