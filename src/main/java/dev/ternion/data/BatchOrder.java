package dev.ternion.data;

import java.util.Arrays;

/**
 * Which examples make up the batch of a step: a pure function of (seed, step, data set size, batch size), the same for
 * every arm of a job and after every resume.
 *
 * <p>Epoch e = step / stepsPerEpoch visits every example once, in a permutation of (seed, e); the last batch of an
 * epoch holds what is left and may be smaller. The permutation of the epoch last asked for is remembered, which changes
 * no result; instances may be shared between threads.
 */
public final class BatchOrder {
    private final long seed;
    private final int size;
    private final int batch;
    private volatile Epoch memo;

    private record Epoch(long number, int[] order) {}

    /**
     * An order.
     *
     * @param seed of the job's data order
     * @param size number of examples, 1 or more
     * @param batch examples of one step, 1 or more
     */
    public BatchOrder(long seed, int size, int batch) {
        if (size < 1 || batch < 1) {
            throw new IllegalArgumentException(
                    "data set has " + size + " examples and batch size is " + batch + ", wanted each 1 or more");
        }
        this.seed = seed;
        this.size = size;
        this.batch = batch;
    }

    /** The examples of one step, computed alone. */
    public static int[] indices(long seed, long step, int size, int batch) {
        return new BatchOrder(seed, size, batch).at(step);
    }

    /** Steps that visit every example once: ceil(size / batch). */
    public int stepsPerEpoch() {
        return (int) (((long) size + batch - 1) / batch);
    }

    /** The epoch of a step, from 0. */
    public long epochOf(long step) {
        return step / stepsPerEpoch();
    }

    /**
     * The examples of a step.
     *
     * @param step from 0
     * @return example indices, each in 0..size-1, {@code batch} of them or what is left of the epoch
     */
    public int[] at(long step) {
        if (step < 0) {
            throw new IllegalArgumentException("step is " + step + ", wanted 0 or more");
        }
        int[] order = order(epochOf(step));
        int from = from(step);
        return Arrays.copyOfRange(order, from, from + sizeAt(step));
    }

    /** How many examples a step has. */
    public int sizeAt(long step) {
        return Math.min(batch, size - from(step));
    }

    /** Where the examples of a step begin in the permutation of its epoch. */
    private int from(long step) {
        return (int) (step % stepsPerEpoch()) * batch;
    }

    private int[] order(long epoch) {
        Epoch last = memo;
        if (last == null || last.number() != epoch) {
            last = new Epoch(
                    epoch,
                    CounterRandom.of(seed, CounterRandom.BATCH_ORDER, epoch).permutation(size));
            memo = last;
        }
        return last.order();
    }
}
