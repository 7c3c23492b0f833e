package dev.ternion.data;

import java.util.List;

/**
 * Takes texts and label from the fields of TSV and CSV rows: finds the columns in the header, checks the number of columns of
 * each row.
 */
final class FieldRows {
    private final TabularSpec spec;
    private final LabelReader labels;
    private final RowCollector collector;
    private int columns = -1;
    private int textA;
    private int textB;
    private int label;

    FieldRows(TabularSpec spec, LabelReader labels, RowCollector collector) {
        this.spec = spec;
        this.labels = labels;
        this.collector = collector;
    }

    /** Takes the next row of the file, the header included; false to stop reading. */
    boolean accept(int row, List<String> fields) {
        if (columns < 0) {
            columns = fields.size();
            if (columns > RowFile.MOST_COLUMNS) {
                collector.problem(row, "", "has more than " + RowFile.MOST_COLUMNS + " columns");
                return false;
            }
            boolean found = resolve(row, spec.header() ? fields : null);
            if (spec.header() || !found) {
                return found;
            }
        }
        if (!collector.admit(row)) {
            return false;
        }
        if (!spec.ragged() && fields.size() != columns) {
            collector.problem(
                    row,
                    "",
                    "has " + fields.size() + " columns, wanted " + columns
                            + (spec.header() ? " as in the header" : " as in the first row"));
            return true;
        }
        String second = spec.textB() == null ? null : field(row, fields, spec.textB(), textB);
        String first = field(row, fields, spec.textA(), textA);
        collector.add(row, spec, labels, first, second, field(row, fields, spec.label(), label));
        return true;
    }

    private boolean resolve(int row, List<String> header) {
        boolean found = true;
        for (Column column : spec.columns()) {
            if (column.name() != null && column.positionIn(header) < 0) {
                collector.problem(row, column.label(), "is not in the header, which has " + RowProblems.list(header));
                found = false;
            } else if (!spec.ragged() && column.name() == null && column.index() >= columns) {
                collector.problem(
                        row, column.label(), "is not in the file, which has " + columns + " columns, numbered from 0");
                found = false;
            }
        }
        textA = spec.textA().positionIn(header);
        textB = spec.textB() == null ? -1 : spec.textB().positionIn(header);
        label = spec.label().positionIn(header);
        return found;
    }

    private String field(int row, List<String> fields, Column column, int position) {
        if (position < fields.size()) {
            return fields.get(position);
        }
        collector.problem(row, column.label(), "is absent: the row has " + fields.size() + " columns");
        return null;
    }
}
