package dev.ternion.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
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
    /** Names, values, and ends of objects and arrays in one line. */
    private static final int MOST_TOKENS = 20_000;

    private static final ObjectReader JSON = BoundedJson.mapper(MOST_TOKENS)
            .reader()
            .with(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    /** Columns of a table; what follows is one more column. */
    static final int MOST_COLUMNS = 1024;

    /** A line may hold three texts in JSON escapes and other columns beside. */
    private static final int LINE_FACTOR = 20;

    private final TabularSpec spec;
    private final RowCollector collector;

    private RowFile(TabularSpec spec, RowCollector collector) {
        this.spec = spec;
        this.collector = collector;
    }

    /** The rows whose texts are good, in file order. */
    static List<RawRow> read(TabularSpec spec, Path file, RowProblems problems) {
        String name = file.getFileName().toString();
        RowCollector collector = new RowCollector(name, spec.bounds(), problems);
        int before = problems.total();
        try (Reader reader = TextSource.open(file, spec.bounds().maxFileBytes())) {
            new RowFile(spec, collector).readAll(reader);
            if (collector.rows().isEmpty() && problems.total() == before) {
                collector.problem(0, "", "has no rows, wanted one or more");
            }
        } catch (NoSuchFileException e) {
            collector.problem(0, "", "no such file: " + e.getMessage() + "; give the path of the data file");
        } catch (IOException | UncheckedIOException e) {
            collector.problem(0, "", "cannot be read: " + e.getMessage());
        }
        return collector.rows();
    }

    private void readAll(Reader reader) throws IOException {
        if (spec.format() == TabularSpec.Format.JSONL) {
            readLines(reader, this::jsonRow);
        } else if (spec.quoted()) {
            readQuoted(reader);
        } else {
            char separator = spec.format() == TabularSpec.Format.CSV ? ',' : '\t';
            FieldRows fields = new FieldRows(spec, collector);
            readLines(reader, (row, line) -> fields.accept(row, split(line, separator)));
        }
    }

    private interface RowConsumer {
        /** Takes a row; false to stop reading. */
        boolean accept(int row, String line);
    }

    private void readLines(Reader reader, RowConsumer consumer) throws IOException {
        int most = longest();
        TextLines lines = new TextLines(reader, most);
        boolean more = true;
        for (String line = lines.next(); line != null && more; line = lines.next()) {
            if (line.length() > most) {
                collector.problem(lines.row(), "", "line is longer than " + most + " characters");
            } else if (!line.isEmpty()) {
                more = consumer.accept(lines.row(), line);
            }
        }
    }

    /** UTF-16 units of a line or quoted record. */
    private int longest() {
        return (int) Math.min(
                Integer.MAX_VALUE / 2L, (long) LINE_FACTOR * spec.bounds().maxTextChars() + (1 << 16));
    }

    private void readQuoted(Reader reader) throws IOException {
        FieldRows fields = new FieldRows(spec, collector);
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

    private boolean jsonRow(int row, String line) {
        if (!collector.admit(row)) {
            return false;
        }
        JsonNode object = jsonObject(row, line);
        if (object != null) {
            String textB = spec.textB() == null ? null : jsonField(row, object, spec.textB());
            collector.add(row, spec, jsonField(row, object, spec.textA()), textB, jsonField(row, object, spec.label()));
        }
        return true;
    }

    private JsonNode jsonObject(int row, String line) {
        try {
            JsonNode node = JSON.readTree(line);
            if (node.isObject()) {
                return node;
            }
            collector.problem(row, "", "is " + RowProblems.quote(line) + ", wanted a JSON object");
        } catch (JsonProcessingException e) {
            collector.problem(row, "", "is not JSON: " + e.getOriginalMessage());
        }
        return null;
    }

    private String jsonField(int row, JsonNode object, Column column) {
        JsonNode value = object.get(column.name());
        if (value == null || value.isNull()) {
            collector.problem(
                    row, column.label(), value == null ? "is absent, wanted a value" : "is null, wanted a value");
            return null;
        }
        if (!value.isValueNode()) {
            collector.problem(
                    row,
                    column.label(),
                    "is " + RowProblems.quote(value.toString()) + ", wanted text, a number or a boolean");
            return null;
        }
        return value.asText();
    }
}
