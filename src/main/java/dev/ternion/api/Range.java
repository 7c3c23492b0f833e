package dev.ternion.api;

/** An interval of finite numbers, with or without its ends; prints as people say it. */
record Range(double low, boolean lowIncluded, double high, boolean highIncluded) {
    static Range from(double low) {
        return new Range(low, true, Double.MAX_VALUE, true);
    }

    static Range above(double low) {
        return new Range(low, false, Double.MAX_VALUE, true);
    }

    Range to(double newHigh) {
        return new Range(low, lowIncluded, newHigh, true);
    }

    Range below(double newHigh) {
        return new Range(low, lowIncluded, newHigh, false);
    }

    boolean contains(double value) {
        boolean enough = lowIncluded ? value >= low : value > low;
        return enough && (highIncluded ? value <= high : value < high);
    }

    @Override
    public String toString() {
        String start = (lowIncluded ? "at least " : "above ") + text(low);
        return high == Double.MAX_VALUE
                ? start + " and finite"
                : start + (highIncluded ? ", at most " : ", below ") + text(high);
    }

    private static String text(double value) {
        return value == Math.rint(value) ? String.valueOf((long) value) : String.valueOf(value);
    }
}
