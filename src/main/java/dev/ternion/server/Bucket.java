package dev.ternion.server;

/** A token bucket: so many takes at once, then so many a second. Not safe for threads. */
final class Bucket {
    private static final double NANOS = 1e9;

    private final double perSecond;
    private final int burst;
    private double left;
    private long last;

    Bucket(int perSecond, int burst, long now) {
        this.perSecond = perSecond;
        this.burst = burst;
        this.left = burst;
        this.last = now;
    }

    /**
     * Takes one.
     *
     * @param now nanoseconds of a clock that never goes back
     * @return nanoseconds until one can be taken; 0 when one was
     */
    long take(long now) {
        left = Math.min(burst, left + (now - last) / NANOS * perSecond);
        last = now;
        if (left >= 1) {
            left--;
            return 0;
        }
        return (long) Math.ceil((1 - left) / perSecond * NANOS);
    }
}
