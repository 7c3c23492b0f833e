package dev.ternion.data;

import java.util.ArrayList;
import java.util.List;

/** Checks the texts of each row of one file (present, valid Unicode, within the bound) and keeps the rows that pass. */
final class RowCollector {
    private static final Column LINE = Column.named("line");
    private final String file;
    private final ReadBounds bounds;
    private final RowProblems problems;
    private final List<RawRow> rows = new ArrayList<>();
    private int seen;

    RowCollector(String file, ReadBounds bounds, RowProblems problems) {
        this.file = file;
        this.bounds = bounds;
        this.problems = problems;
    }

    List<RawRow> rows() {
        return rows;
    }

    void problem(int row, String column, String message) {
        problems.add(file, row, column, message);
    }

    /** Counts a row; false, with a problem, if the file has more rows than allowed: the reader must stop. */
    boolean admit(int row) {
        if (++seen > bounds.maxRows()) {
            problem(row, "", "more than " + bounds.maxRows() + " rows; split the file or raise the bound");
            return false;
        }
        return true;
    }

    /** Keeps a row if all its fields are good; a null value is an absent field whose problem is reported already. */
    void add(int row, TabularSpec spec, String textA, String textB, String label) {
        boolean good = isText(row, spec.textA(), textA) & isText(row, spec.label(), label);
        if (spec.textB() != null) {
            good &= isText(row, spec.textB(), textB);
        }
        if (good) {
            rows.add(new RawRow(row, textA, textB, label));
        }
    }

    /** Keeps a line that is all text, with no label. */
    void addLine(int row, String line) {
        if (isText(row, LINE, line)) {
            rows.add(new RawRow(row, line, null, ""));
        }
    }

    private boolean isText(int row, Column column, String value) {
        if (value == null) {
            return false;
        }
        String wrong = wrongWith(value);
        if (wrong != null) {
            problem(row, column.label(), wrong);
        }
        return wrong == null;
    }

    private String wrongWith(String value) {
        if (value.isBlank()) {
            return "is empty, wanted text";
        }
        if (value.length() > bounds.maxTextChars()) {
            return "is " + value.length() + " characters long, wanted at most " + bounds.maxTextChars();
        }
        if (value.indexOf(TextSource.INVALID) >= 0) {
            return "is not valid UTF-8: "
                    + RowProblems.quote(value.replace(TextSource.INVALID, '\uFFFD'))
                    + "; save the file as UTF-8";
        }
        return hasLoneSurrogate(value) ? "holds half of a surrogate pair, wanted valid Unicode" : null;
    }

    private static boolean hasLoneSurrogate(String value) {
        return value.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    }
}
