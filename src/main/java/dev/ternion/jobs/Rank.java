package dev.ternion.jobs;

import java.util.Comparator;

/**
 * When a job that waits is to run: first those of a higher priority, of those of the same the ones that were created earlier.
 *
 * @param priority of the job
 * @param number of the job
 */
record Rank(int priority, long number) implements Comparable<Rank> {
    private static final Comparator<Rank> ORDER =
            Comparator.comparingInt(Rank::priority).reversed().thenComparingLong(Rank::number);

    static Rank of(Job job) {
        return new Rank(job.priority(), job.number());
    }

    @Override
    public int compareTo(Rank other) {
        return ORDER.compare(this, other);
    }
}
