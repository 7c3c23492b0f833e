package dev.ternion.telemetry;

import java.util.Arrays;

/** Points of one series in columns, by rising step. Immutable. */
public final class Points {
    /** No points. */
    public static final Points NONE = new Points(new long[0], new double[0], new long[0]);

    private final long[] steps;
    private final double[] values;
    private final long[] millis;

    /** Takes the arrays as its own. */
    private Points(long[] steps, double[] values, long[] millis) {
        this.steps = steps;
        this.values = values;
        this.millis = millis;
    }

    /**
     * Points from columns of the same length, which are the new object's own from now on.
     *
     * @param steps rising, none twice, 0 or more
     * @param values of the steps
     * @param millis when they were measured, in milliseconds since 1970
     * @throws IllegalArgumentException if they are not so
     */
    public static Points of(long[] steps, double[] values, long[] millis) {
        if (values.length != steps.length || millis.length != steps.length) {
            throw new IllegalArgumentException(steps.length + " steps, " + values.length + " values and "
                    + millis.length + " times; wanted as many of each");
        }
        long last = -1;
        for (long step : steps) {
            if (step <= last) {
                throw new IllegalArgumentException("step " + step + " after " + last + "; wanted rising steps from 0");
            }
            last = step;
        }
        return new Points(steps, values, millis);
    }

    /** How many. */
    public int size() {
        return steps.length;
    }

    /** Step of a point. */
    public long step(int index) {
        return steps[index];
    }

    /** Value of a point. */
    public double value(int index) {
        return values[index];
    }

    /** When a point was measured, in milliseconds since 1970. */
    public long millis(int index) {
        return millis[index];
    }

    /** Those from one index to before another. */
    public Points slice(int from, int to) {
        return from == 0 && to == steps.length
                ? this
                : new Points(
                        Arrays.copyOfRange(steps, from, to),
                        Arrays.copyOfRange(values, from, to),
                        Arrays.copyOfRange(millis, from, to));
    }

    /** Those with a step above this one. */
    public Points after(long step) {
        int at = Arrays.binarySearch(steps, step);
        return slice(at >= 0 ? at + 1 : -at - 1, steps.length);
    }

    /** Those of steps from one to another, both included. */
    public Points within(long first, long last) {
        Points rest = first == 0 ? this : after(first - 1);
        int at = Arrays.binarySearch(rest.steps, last);
        return rest.slice(0, at >= 0 ? at + 1 : -at - 1);
    }

    /** Those at the indices, which rise. */
    Points at(int[] indices) {
        PointList picked = new PointList();
        for (int index : indices) {
            picked.add(steps[index], values[index], millis[index]);
        }
        return picked.points();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Points points
                && Arrays.equals(steps, points.steps)
                && Arrays.equals(values, points.values)
                && Arrays.equals(millis, points.millis);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(steps) * 31 + Arrays.hashCode(values);
    }

    @Override
    public String toString() {
        return Arrays.toString(steps) + " " + Arrays.toString(values) + " at " + Arrays.toString(millis);
    }
}
