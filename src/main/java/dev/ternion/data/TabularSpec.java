package dev.ternion.data;

import java.util.List;
import java.util.Objects;

/**
 * Where the texts and the label stand in a table.
 *
 * @param format how rows and fields are told apart; a file name ending in {@code .gz} is decompressed first
 * @param header whether the first row names the columns (JSONL has none)
 * @param quoted whether {@code "} encloses fields (RFC 4180 [CSV]); the usual for CSV, wrong for GLUE's TSV files
 * @param ragged whether rows may have different numbers of columns
 * @param textA first text
 * @param textB second text, or null
 * @param label the label
 * @param labels what the label must be
 * @param bounds how much is read
 */
public record TabularSpec(
        Format format,
        boolean header,
        boolean quoted,
        boolean ragged,
        Column textA,
        Column textB,
        Column label,
        LabelRule labels,
        ReadBounds bounds) {
    /** How a table is written. */
    public enum Format {
        /** One row a line, fields between tabs. */
        TSV,
        /** Comma-separated, RFC 4180. */
        CSV,
        /** One JSON object a line. */
        JSONL
    }

    /** Refuses a specification that no file can meet. */
    public TabularSpec {
        Objects.requireNonNull(textA, "textA");
        Objects.requireNonNull(label, "label");
        if (format == Format.JSONL && (quoted || header)) {
            throw new IllegalArgumentException("JSONL has header=" + header + " and quoted=" + quoted
                    + ", wanted false for both: they are for TSV and CSV");
        }
        for (Column column : columns(textA, textB, label)) {
            requireResolvable(column, format, header);
        }
    }

    /**
     * A table of inferred classes, quoted if CSV, with a header if any column is given by name, under the default
     * bounds.
     */
    public static TabularSpec of(Format format, Column textA, Column textB, Column label) {
        boolean named = columns(textA, textB, label).stream().anyMatch(column -> column.name() != null);
        return new TabularSpec(
                format,
                named && format != Format.JSONL,
                format == Format.CSV,
                false,
                textA,
                textB,
                label,
                LabelRule.INFERRED,
                ReadBounds.DEFAULT);
    }

    /** The same with (or without) a header row. */
    public TabularSpec withHeader(boolean yes) {
        return new TabularSpec(format, yes, quoted, ragged, textA, textB, label, labels, bounds);
    }

    /** The same with (or without) quote parsing. */
    public TabularSpec withQuotes(boolean yes) {
        return new TabularSpec(format, header, yes, ragged, textA, textB, label, labels, bounds);
    }

    /** The same with rows of differing lengths allowed. */
    public TabularSpec asRagged() {
        return new TabularSpec(format, header, quoted, true, textA, textB, label, labels, bounds);
    }

    /** The same with another rule for the label. */
    public TabularSpec withLabels(LabelRule rule) {
        return new TabularSpec(format, header, quoted, ragged, textA, textB, label, rule, bounds);
    }

    /** The same with other bounds. */
    public TabularSpec withBounds(ReadBounds other) {
        return new TabularSpec(format, header, quoted, ragged, textA, textB, label, labels, other);
    }

    /** The columns read: first text, second text if there is one, label. */
    List<Column> columns() {
        return columns(textA, textB, label);
    }

    private static List<Column> columns(Column textA, Column textB, Column label) {
        return textB == null ? List.of(textA, label) : List.of(textA, textB, label);
    }

    private static void requireResolvable(Column column, Format format, boolean header) {
        if (column.name() != null && !header && format != Format.JSONL) {
            throw new IllegalArgumentException("column " + column.label()
                    + " is a name but the file has no header; give its position, Column.at(…)");
        }
        if (column.name() == null && format == Format.JSONL) {
            throw new IllegalArgumentException("column " + column.label()
                    + " is a position but JSONL has names only; give its key, Column.named(…)");
        }
    }
}
