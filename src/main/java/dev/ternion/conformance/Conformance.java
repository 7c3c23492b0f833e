package dev.ternion.conformance;

import dev.ternion.backend.Device;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * What a device must do to count as one: the catalogue of operations, the integer products, the optimizers and the student's
 * forward pass, each on the CPU and on the device. Forward results and losses are equal bytes, except where an operation holds a
 * dense product of real numbers; gradients are within the tolerance of [performance.md 10], and the same bytes on every run. So
 * are training steps that the device has recorded and those that it ran directly.
 */
public final class Conformance {
    /** Which sizes are run. */
    public enum Sizes {
        /** Awkward small ones: one element, packed and padded sequences, odd extents. */
        SMALL(List.of(Size.ONE, Size.PACKED, Size.PADDED, Size.BIG)),
        /** Those, and the extents of real encoders. */
        ALL(List.of(Size.ONE, Size.PACKED, Size.PADDED, Size.BIG, Size.TILES, Size.BERT));

        final List<Size> sizes;

        Sizes(List<Size> sizes) {
            this.sizes = sizes;
        }
    }

    /**
     * One comparison.
     *
     * @param operation operation and variant
     * @param size name of the size
     * @param part "forward", "codes and mask", "gradient of x", "gradient of x again"
     * @param wanted "equal bytes", or the largest relative L2 distance
     * @param seen "equal bytes", or the distance, or what went wrong
     * @param passed whether seen is as wanted
     */
    public record Result(String operation, String size, String part, String wanted, String seen, boolean passed) {}

    /** Runs something that may fail. */
    interface Check {
        void run();
    }

    static final String EQUAL = "equal bytes";
    /** Relative L2 distance of gradients, and of results of dense products. */
    static final double DISTANCE = 2e-5;
    /** A device that fails so often in a row is dead. */
    private static final int MAX_FAILURES = 3;

    private final Consumer<Result> each;
    private String operation;
    private String size;
    private int failures;

    private Conformance(Consumer<Result> each) {
        this.each = each;
    }

    /**
     * Runs all comparisons. A failure becomes a result that has not passed, and the run goes on, unless the device is dead.
     *
     * @param cpu what is right
     * @param device what is checked
     * @param each gets every result as it is made
     */
    public static void run(Device cpu, Device device, Sizes sizes, Consumer<Result> each) {
        Conformance run = new Conformance(each);
        for (OpCase test : OpCatalogue.all()) {
            for (Size size : sizes.sizes) {
                run.check(test.name(), size.name(), () -> run.compare(cpu, device, test, size));
            }
        }
        IntegerProducts.run(run, cpu, device);
        OptimizerCases.run(run, cpu, device, sizes);
        StudentForward.run(run, cpu, device);
        RecordedTraining.run(run, device);
    }

    /** Runs the comparisons of the integer products alone. */
    static void products(Device cpu, Device device, Consumer<Result> each) {
        IntegerProducts.run(new Conformance(each), cpu, device);
    }

    /** Runs the checks of one operation and size, unless the device is dead. */
    void check(String checked, String checkedSize, Check body) {
        if (failures >= MAX_FAILURES) {
            return;
        }
        operation = checked;
        size = checkedSize;
        try {
            body.run();
            failures = 0;
        } catch (RuntimeException e) {
            failures++;
            String dead = failures == MAX_FAILURES ? "; the device is given up after " + failures + " in a row" : "";
            report("run", "no error", message(e) + dead, false);
        }
    }

    private static String message(RuntimeException e) {
        return e.getMessage() == null ? e.toString() : e.getMessage();
    }

    private void compare(Device cpu, Device device, OpCase test, Size on) {
        OpRun wanted = OpRun.of(cpu, test, on), seen = OpRun.of(device, test, on), again = OpRun.of(device, test, on);
        if (test.products() == OpCase.Products.BOTH) {
            close("forward", seen.values(), wanted.values());
        } else {
            if (wanted.raw().length > 0) {
                boolean same = Arrays.equals(seen.raw(), wanted.raw());
                report("codes and mask", EQUAL, same ? EQUAL : "other bytes", same);
            }
            equal("forward", seen.values(), wanted.values());
        }
        for (Map.Entry<String, double[]> gradient : wanted.gradients().entrySet()) {
            String leaf = gradient.getKey();
            close("gradient of " + leaf, seen.gradients().get(leaf), gradient.getValue());
            equal(
                    "gradient of " + leaf + " again",
                    again.gradients().get(leaf),
                    seen.gradients().get(leaf));
        }
    }

    /** Reports whether the bits are the same; 0 and -0 are told apart, NaNs are not. */
    void equal(String part, double[] seen, double[] wanted) {
        report(part, EQUAL, difference(seen, wanted), Arrays.equals(seen, wanted));
    }

    private static String difference(double[] seen, double[] wanted) {
        if (Arrays.equals(seen, wanted)) {
            return EQUAL;
        }
        if (seen == null || wanted == null || seen.length != wanted.length) {
            return length(seen) + " elements, wanted " + length(wanted);
        }
        int first = Arrays.mismatch(seen, wanted), count = 0;
        for (int i = 0; i < seen.length; i++) {
            count += Double.doubleToLongBits(seen[i]) == Double.doubleToLongBits(wanted[i]) ? 0 : 1;
        }
        return count + " of " + seen.length + " elements differ, the first at " + first + ": " + seen[first]
                + ", wanted " + wanted[first];
    }

    private static String length(double[] values) {
        return values == null ? "no" : String.valueOf(values.length);
    }

    /** Reports whether the relative L2 distance is within {@link #DISTANCE}. */
    void close(String part, double[] seen, double[] wanted) {
        String limit = String.format(Locale.ROOT, "%.0e", DISTANCE);
        if (seen == null || wanted == null || seen.length != wanted.length) {
            report(part, limit, difference(seen, wanted), Objects.equals(seen, wanted));
            return;
        }
        double distance = distance(seen, wanted);
        report(part, limit, String.format(Locale.ROOT, "%.1e", distance), distance <= DISTANCE);
    }

    /** |seen - wanted| / |wanted| in the Euclidean norm; absolute when wanted is 0. */
    static double distance(double[] seen, double[] wanted) {
        double difference = 0, norm = 0;
        for (int i = 0; i < seen.length; i++) {
            difference += (seen[i] - wanted[i]) * (seen[i] - wanted[i]);
            norm += wanted[i] * wanted[i];
        }
        return norm == 0 ? Math.sqrt(difference) : Math.sqrt(difference / norm);
    }

    private void report(String part, String wanted, String seen, boolean passed) {
        each.accept(new Result(operation, size, part, wanted, seen, passed));
    }
}
