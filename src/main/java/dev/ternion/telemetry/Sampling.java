package dev.ternion.telemetry;

/** How many points become few. */
public enum Sampling {
    /** {@link Lttb}: looks like the whole. */
    LTTB,
    /** {@link MinMax}: what stands out is kept. */
    MIN_MAX;

    /** Points that are sampled as they are; of more, {@link #MIN_MAX} makes so many first. */
    public static final int EXACT = 64 * 1024;

    /** Fewest points that can be asked for. */
    public static final int LEAST = 4;

    /**
     * Some of the points of a series, the first and the last of the range among them, all when they are few enough.
     *
     * @param store to read
     * @param series to sample; it may grow meanwhile
     * @param first step of the range
     * @param end last step of it, included
     * @param most points, {@link #LEAST} or more
     */
    public Sample of(TelemetryStore store, String job, SeriesInfo series, long first, long end, int most) {
        long from = Math.max(first, series.firstStep());
        long to = Math.min(end, series.lastStep());
        PointList few = new PointList();
        MinMax many = null;
        long count = 0;
        for (long next = from; next <= to; ) {
            Points read = store.points(job, series.key(), next).within(next, to);
            if (read.size() == 0) {
                break;
            }
            next = read.step(read.size() - 1) + 1;
            count += read.size();
            if (many == null && few.size() + read.size() > EXACT) {
                many = new MinMax(from, to, EXACT);
                many.addAll(few.points());
            }
            if (many == null) {
                few.addAll(read);
            } else {
                many.addAll(read);
            }
        }
        Points points = many == null ? few.points() : many.finish();
        return new Sample(this == LTTB ? Lttb.sample(points, most) : MinMax.sample(points, most), count);
    }

    /** The first points of a range, at most so many. */
    public static Sample none(TelemetryStore store, String job, SeriesInfo series, long first, long end, int most) {
        PointList points = new PointList();
        for (Points read = store.points(job, series.key(), first).within(first, end);
                read.size() > 0 && points.size() < most;
                read = store.points(job, series.key(), points.lastStep() + 1).within(0, end)) {
            points.addAll(read.slice(0, Math.min(read.size(), most - points.size())));
        }
        return new Sample(points.points(), points.size());
    }

    /**
     * Points that stand for more.
     *
     * @param points those that were picked
     * @param of how many they stand for
     */
    public record Sample(Points points, long of) {}
}
