package dev.ternion.telemetry;

/**
 * Ref: [LTTB]. Largest Triangle Three Buckets: of the points between the first and the last one, which are kept, one of each of n - 2 buckets of
 * equal size: the one that spans the largest triangle with the point kept before it and the mean of the next bucket.
 */
final class Lttb {
    private Lttb() {}

    /** @param most points that are kept, 3 or more */
    static Points sample(Points points, int most) {
        int size = points.size();
        if (size <= most) {
            return points;
        }
        int[] kept = new int[most];
        for (int bucket = 0; bucket < most - 2; bucket++) {
            int begin = begin(bucket, size, most);
            int end = begin(bucket + 1, size, most);
            int nextEnd = Math.min(size, begin(bucket + 2, size, most));
            double stepSum = 0;
            double valueSum = 0;
            for (int i = end; i < nextEnd; i++) {
                stepSum += points.step(i);
                valueSum += points.value(i);
            }
            kept[bucket + 1] =
                    largest(points, kept[bucket], begin, end, stepSum / (nextEnd - end), valueSum / (nextEnd - end));
        }
        kept[most - 1] = size - 1;
        return points.at(kept);
    }

    /** Index of the first point of a bucket; of the one behind the last bucket, that of the last point. */
    private static int begin(int bucket, int size, int most) {
        return 1 + (int) (bucket * (size - 2L) / (most - 2));
    }

    /** Not a number makes no triangle: the first point of the bucket stands then. */
    private static int largest(Points points, int before, int begin, int end, double step, double value) {
        int largest = begin;
        double largestArea = -1;
        for (int i = begin; i < end; i++) {
            double area = Math.abs((points.step(before) - step) * (points.value(i) - points.value(before))
                    - (points.step(before) - (double) points.step(i)) * (value - points.value(before)));
            if (area > largestArea) {
                largest = i;
                largestArea = area;
            }
        }
        return largest;
    }
}
