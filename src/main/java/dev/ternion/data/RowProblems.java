package dev.ternion.data;

import java.util.ArrayList;
import java.util.List;

/** Collects what is wrong with the rows of one import: keeps the first {@value #KEPT}, counts them all. */
final class RowProblems {
    static final int KEPT = 100;
    private static final int QUOTED = 60;
    private static final int LONGEST = 300;
    private final List<RowProblem> kept = new ArrayList<>();
    private int total;

    void add(String file, int row, String column, String message) {
        total++;
        if (kept.size() < KEPT) {
            kept.add(new RowProblem(row, column, file + ": " + message));
        }
    }

    int total() {
        return total;
    }

    void throwIfAny() {
        if (total > 0) {
            throw new DatasetException(kept, total);
        }
    }

    /** A text cut to a length that fits a message. */
    static String shorten(String text) {
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
    }

    /** A value from a file, in quotes and cut to a length that fits a message. */
    static String quote(String value) {
        if (value.length() <= QUOTED) {
            return "\"" + value + "\"";
        }
        return "\"" + value.substring(0, QUOTED) + "…\" (" + value.length() + " characters)";
    }
}
