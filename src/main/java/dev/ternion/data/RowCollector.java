package dev.ternion.data;

/** Checks the texts of each row of one file (present, valid Unicode, within the bound) and keeps the rows that pass. */
final class RowCollector {
    private static final Column LINE = Column.named("line");
    private final String file;
    private final ReadBounds bounds;
    private final RowProblems problems;
    private final RowProblems labelProblems = new RowProblems();
    private final PackedExamples examples;
    private final int before;
    private int seen;
    private int good;

    /** @param examples get the rows that pass */
    RowCollector(String file, ReadBounds bounds, PackedExamples examples, RowProblems problems) {
        this.file = file;
        this.bounds = bounds;
        this.examples = examples;
        this.problems = problems;
        this.before = problems.total();
    }

    /** Ends the file: problems of labels follow all others; a file without a row has one of its own. */
    void end(String none) {
        if (good == 0 && problems.total() == before) {
            problem(0, "", none);
        }
        problems.addAll(labelProblems);
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
    void add(int row, TabularSpec spec, LabelReader labels, String textA, String textB, String label) {
        boolean valid = isText(row, spec.textA(), textA) & isText(row, spec.label(), label);
        if (spec.textB() != null) {
            valid &= isText(row, spec.textB(), textB);
        }
        if (valid) {
            good++;
            Float number = labels.number(file, row, label, labelProblems);
            if (number != null) {
                examples.append(new Example(textA, textB, number, row));
            }
        }
    }

    /** Keeps a line that is all text. */
    void addLine(int row, String line, float label) {
        if (isText(row, LINE, line)) {
            good++;
            examples.append(new Example(line, null, label, row));
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
        for (int i = 0; i < value.length(); i++) {
            if (Character.isSurrogate(value.charAt(i))) {
                if (!Character.isSupplementaryCodePoint(value.codePointAt(i))) {
                    return true;
                }
                i++;
            }
        }
        return false;
    }
}
