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

    /** Adds what another has, after all that is here. */
    void addAll(RowProblems others) {
        total += others.total;
        others.kept.stream().limit(KEPT - kept.size()).forEach(kept::add);
    }

    int total() {
        return total;
    }

    void throwIfAny() {
        if (total > 0) {
            throw new DatasetException(kept, total);
        }
    }

    /** Names, as many as fit a message; the rest is not even copied, as a file may have a header of many megabytes. */
    static String list(List<String> names) {
        StringBuilder text = new StringBuilder("[");
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i);
            text.append(i == 0 ? "" : ", ").append(name, 0, Math.min(name.length(), LONGEST));
            if (text.length() > LONGEST) {
                return text.substring(0, LONGEST) + "…";
            }
        }
        return text + "]";
    }

    /** A value from a file, in quotes and cut to a length that fits a message. */
    static String quote(String value) {
        if (value.length() <= QUOTED) {
            return "\"" + value + "\"";
        }
        return "\"" + value.substring(0, QUOTED) + "…\" (" + value.length() + " characters)";
    }
}
