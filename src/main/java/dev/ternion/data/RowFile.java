package dev.ternion.data;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.CsvRecordHandler;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Reads the rows of one file as a {@link TabularSpec} describes it; what is wrong goes to the problems, nothing is
 * thrown.
 */
final class RowFile {
    /** Columns of a table; what follows is one more column. */
    static final int MOST_COLUMNS = 1024;

    /** A line may hold three texts in JSON escapes and other columns beside. */
    private static final int LINE_FACTOR = 20;

    private final TabularSpec spec;
    private final LabelReader labels;
    private final RowCollector collector;

    private RowFile(TabularSpec spec, LabelReader labels, RowCollector collector) {
        this.spec = spec;
        this.labels = labels;
        this.collector = collector;
    }

    /** The rows whose texts and labels are good, in file order. */
    static PackedExamples read(TabularSpec spec, Path file, LabelReader labels, RowProblems problems) {
        String name = file.getFileName().toString();
        PackedExamples examples = new PackedExamples();
        RowCollector collector = new RowCollector(name, spec.bounds(), examples, problems);
        try (Reader reader = TextSource.open(file, spec.bounds().maxFileBytes())) {
            new RowFile(spec, labels, collector).readAll(reader);
        } catch (NoSuchFileException e) {
            collector.problem(0, "", "no such file: " + e.getMessage() + "; give the path of the data file");
        } catch (IOException | UncheckedIOException e) {
            collector.problem(0, "", "cannot be read: " + e.getMessage());
        }
        collector.end("has no rows, wanted one or more");
        return examples.complete();
    }

    private void readAll(Reader reader) throws IOException {
        if (spec.format() == TabularSpec.Format.JSONL) {
            JsonRows rows = new JsonRows(spec, labels, collector);
            readLines(reader, rows::accept);
        } else if (spec.quoted()) {
            readQuoted(reader);
        } else {
            char separator = spec.format() == TabularSpec.Format.CSV ? ',' : '\t';
            FieldRows fields = new FieldRows(spec, labels, collector);
            readLines(reader, lines -> fields.accept(lines.row(), split(lines.text(), separator)));
        }
    }

    private interface LineConsumer {
        /** Takes the line that was read last; false to stop reading. */
        boolean accept(TextLines lines);
    }

    private void readLines(Reader reader, LineConsumer consumer) throws IOException {
        int most = longest();
        TextLines lines = new TextLines(reader, most);
        boolean more = true;
        while (more && lines.next()) {
            if (lines.length() > most) {
                collector.problem(lines.row(), "", "line is longer than " + most + " characters");
            } else if (lines.length() > 0) {
                more = consumer.accept(lines);
            }
        }
    }

    /** UTF-16 units of a line or quoted record. */
    private int longest() {
        return (int) Math.min(
                Integer.MAX_VALUE / 2L, (long) LINE_FACTOR * spec.bounds().maxTextChars() + (1 << 16));
    }

    private void readQuoted(Reader reader) throws IOException {
        FieldRows fields = new FieldRows(spec, labels, collector);
        var builder = CsvReader.builder()
                .fieldSeparator(spec.format() == TabularSpec.Format.CSV ? ',' : '\t')
                .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
                .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
                .allowUnclosedQuote(false)
                .maxBufferSize(longest());
        CsvRecordHandler bounded = CsvRecordHandler.of(handler ->
                handler.maxFields(MOST_COLUMNS).maxFieldSize(longest()).maxRecordSize(longest()));
        int row = 0;
        try (CsvReader<CsvRecord> records = builder.build(bounded, reader)) {
            for (CsvRecord record : records) {
                row = (int) Math.min(Integer.MAX_VALUE, record.getStartingLineNumber());
                if (!fields.accept(row, record.getFields())) {
                    return;
                }
            }
        } catch (CsvParseException e) {
            String why = e.getCause() == null ? e.getMessage() : e.getCause().getMessage();
            collector.problem(
                    row + 1,
                    "",
                    "is not readable as quoted " + spec.format() + ": " + why
                            + "; if quotes are plain text in this file, read it without quote parsing");
        }
    }

    private static List<String> split(String line, char separator) {
        return Arrays.asList(line.split(separator == '\t' ? "\t" : ",", MOST_COLUMNS + 1));
    }
}
