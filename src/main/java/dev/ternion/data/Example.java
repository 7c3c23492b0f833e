package dev.ternion.data;

import java.util.Objects;

/**
 * One labelled text or pair of texts.
 *
 * @param textA first text
 * @param textB second text, or null for single-text tasks
 * @param label class index (0, 1, …) for classification, the target value for regression
 * @param row row number in the file it came from, 1-based (a header is row 1)
 */
public record Example(String textA, String textB, float label, int row) {
    /** Refuses a missing first text and a label that is no number. */
    public Example {
        Objects.requireNonNull(textA, "textA");
        if (!Float.isFinite(label)) {
            throw new IllegalArgumentException("label of row " + row + " is " + label + ", wanted a finite number");
        }
    }

    /** Whether there is a second text. */
    public boolean isPair() {
        return textB != null;
    }
}
