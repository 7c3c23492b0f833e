package dev.ternion.telemetry;

/**
 * The least and the largest value of each of n buckets of equal length in steps, besides the first and the last point: what stands out is
 * kept. Takes the points one after the other and holds no others than it keeps.
 */
final class MinMax {
    private final long first;
    private final double width;
    private final PointList kept = new PointList();
    private int bucket = -1;
    private Point least;
    private Point largest;
    private Point last;

    private record Point(long step, double value, long millis) {}

    /**
     * @param first step of the first point
     * @param end step of the last one
     * @param most points that are kept, 4 or more
     */
    MinMax(long first, long end, int most) {
        this.first = first;
        width = (end - first + 1.0) / ((most - 2) / 2);
    }

    static Points sample(Points points, int most) {
        if (points.size() <= most) {
            return points;
        }
        MinMax buckets = new MinMax(points.step(0), points.step(points.size() - 1), most);
        buckets.addAll(points);
        return buckets.finish();
    }

    void addAll(Points points) {
        for (int i = 0; i < points.size(); i++) {
            add(new Point(points.step(i), points.value(i), points.millis(i)));
        }
    }

    private void add(Point point) {
        int its = (int) ((point.step - first) / width);
        if (its != bucket) {
            endBucket();
            bucket = its;
            least = point;
            largest = point;
        }
        if (last == null) {
            keep(point);
        }
        // Not a number is neither less nor more; a bucket of nothing else keeps its first.
        least = point.value < least.value || Double.isNaN(least.value) ? point : least;
        largest = point.value > largest.value || Double.isNaN(largest.value) ? point : largest;
        last = point;
    }

    Points finish() {
        endBucket();
        if (last != null) {
            keep(last);
        }
        return kept.points();
    }

    private void endBucket() {
        if (least != null) {
            keep(least.step < largest.step ? least : largest);
            keep(least.step < largest.step ? largest : least);
        }
    }

    private void keep(Point point) {
        if (point.step > kept.lastStep()) {
            kept.add(point.step, point.value, point.millis);
        }
    }
}
