package dev.ternion.telemetry;

import java.util.Arrays;

/** Points that become more. */
public final class PointList {
    private long[] steps = new long[16];
    private double[] values = new double[16];
    private long[] millis = new long[16];
    private int size;

    /** Adds a point; its step is above the last one's. */
    public void add(long step, double value, long time) {
        if (size == steps.length) {
            steps = Arrays.copyOf(steps, 2 * size);
            values = Arrays.copyOf(values, 2 * size);
            millis = Arrays.copyOf(millis, 2 * size);
        }
        steps[size] = step;
        values[size] = value;
        millis[size++] = time;
    }

    /** Adds points, all above the last one. */
    public void addAll(Points points) {
        for (int i = 0; i < points.size(); i++) {
            add(points.step(i), points.value(i), points.millis(i));
        }
    }

    /** How many. */
    public int size() {
        return size;
    }

    /** Step of the last one; -1 if there is none. */
    public long lastStep() {
        return size == 0 ? -1 : steps[size - 1];
    }

    /** Those so far. */
    public Points points() {
        return Points.of(Arrays.copyOf(steps, size), Arrays.copyOf(values, size), Arrays.copyOf(millis, size));
    }

    /** The first ones, at most so many, which are no longer here. */
    public Points take(int most) {
        Points all = points();
        int taken = Math.min(most, size);
        Points rest = all.slice(taken, size);
        size = 0;
        addAll(rest);
        return all.slice(0, taken);
    }
}
