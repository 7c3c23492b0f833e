package dev.ternion.data;

import java.util.List;

/** A data set that cannot be used, with its bad rows; for the person who supplied the data. */
public final class DatasetException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final int SHOWN = 5;
    private final transient List<RowProblem> problems;
    private final int total;

    DatasetException(List<RowProblem> problems, int total) {
        super(summary(problems, total));
        this.problems = List.copyOf(problems);
        this.total = total;
    }

    DatasetException(String message) {
        this(List.of(new RowProblem(0, "", message)), 1);
    }

    /** The first problems found, at most {@link RowProblems#KEPT}, in the order of files and rows. */
    public List<RowProblem> problems() {
        return problems;
    }

    /** How many problems there are in all, also those not listed. */
    public int total() {
        return total;
    }

    private static String summary(List<RowProblem> problems, int total) {
        StringBuilder text = new StringBuilder(total + (total == 1 ? " problem" : " problems") + " in the data set: ");
        List<RowProblem> first = problems.subList(0, Math.min(SHOWN, problems.size()));
        text.append(String.join("; ", first.stream().map(RowProblem::toString).toList()));
        if (total > first.size()) {
            text.append("; and ").append(total - first.size()).append(" more");
        }
        return text.toString();
    }
}
