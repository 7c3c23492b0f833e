package dev.ternion.data;

import java.nio.file.Path;
import java.util.BitSet;
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
            BitSet eval = firstOfPermutation(CounterRandom.of(seed, CounterRandom.EVAL_SPLIT), size, count);
            BitSet train = (BitSet) eval.clone();
            train.flip(0, size);
            return List.of(new ChosenExamples(all, train), new ChosenExamples(all, eval));
        }

        /**
         * The first {@code count} numbers of {@link CounterRandom#permutation}, as a set and without the permutation: its
         * exchanges are followed back, from the last, which moves no number in or out of that part, to the first.
         */
        static BitSet firstOfPermutation(CounterRandom random, int size, int count) {
            BitSet chosen = new BitSet(size);
            chosen.set(0, count);
            for (int i = count; i < size; i++) {
                int j = random.below(i + 1, i);
                if (chosen.get(j)) {
                    chosen.clear(j);
                    chosen.set(i);
                }
            }
            return chosen;
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
