package dev.ternion.data;

import java.util.List;

/**
 * What the label of a row must be.
 *
 * @param kind classification or regression
 * @param classes the class names in the order of their indices; empty: infer them from the training file (distinct
 *     values, sorted as numbers if all are whole numbers, else as text)
 * @param min least regression target allowed
 * @param max greatest regression target allowed
 */
public record LabelRule(TaskKind kind, List<String> classes, float min, float max) {
    /** Classes are inferred from the training file. */
    public static final LabelRule INFERRED = classes(List.of());

    /** Copies the list and refuses a range that holds nothing. */
    public LabelRule {
        classes = List.copyOf(classes);
        if (!(min <= max)) {
            throw new IllegalArgumentException("label range is " + min + " to " + max + ", wanted min <= max");
        }
        if (kind == TaskKind.REGRESSION && !classes.isEmpty()) {
            throw new IllegalArgumentException("a regression has classes " + classes + ", wanted none");
        }
    }

    /** One of these classes, in this order; any other label is a problem. */
    public static LabelRule classes(List<String> classes) {
        return new LabelRule(TaskKind.CLASSIFICATION, classes, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY);
    }

    /** A number in min..max. */
    public static LabelRule range(float min, float max) {
        return new LabelRule(TaskKind.REGRESSION, List.of(), min, max);
    }
}
