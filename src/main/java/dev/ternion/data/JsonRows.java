package dev.ternion.data;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;

/** Takes texts and label from lines of JSONL, each an object; what else it holds is passed over. */
final class JsonRows {
    /** Names, values, and ends of objects and arrays in one line. */
    private static final int MOST_TOKENS = 20_000;

    /** UTF-16 units: more than a line has. */
    private static final int LONGEST_TEXT = 1 << 21;

    private static final JsonFactory JSON = BoundedJson.factory(MOST_TOKENS, LONGEST_TEXT)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();
    private static final String WANTED = ", wanted text, a number or a boolean";

    private final TabularSpec spec;
    private final LabelReader labels;
    private final RowCollector collector;
    private final Column[] columns;
    private final String[] values;
    private final String[] wrong;

    JsonRows(TabularSpec spec, LabelReader labels, RowCollector collector) {
        this.spec = spec;
        this.labels = labels;
        this.collector = collector;
        this.columns = spec.columns().toArray(Column[]::new);
        this.values = new String[columns.length];
        this.wrong = new String[columns.length];
    }

    /** Takes the line that was read last; false to stop reading. */
    boolean accept(TextLines lines) {
        int row = lines.row();
        if (!collector.admit(row)) {
            return false;
        }
        Arrays.fill(values, null);
        Arrays.fill(wrong, "is absent, wanted a value");
        try (JsonParser json = JSON.createParser(lines.chars(), 0, lines.length())) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                collector.problem(row, "", "is " + RowProblems.quote(lines.text()) + ", wanted a JSON object");
                return true;
            }
            readObject(json);
            if (json.nextToken() != null) {
                collector.problem(row, "", "is not JSON: something follows the object");
                return true;
            }
        } catch (JsonProcessingException e) {
            collector.problem(row, "", "is not JSON: " + e.getOriginalMessage());
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        add(row);
        return true;
    }

    private void readObject(JsonParser json) throws IOException {
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String name = json.currentName();
            json.nextToken();
            for (int i = 0; i < columns.length; i++) {
                if (columns[i].name().equals(name)) {
                    readValue(json, i);
                }
            }
            json.skipChildren();
        }
    }

    private void readValue(JsonParser json, int column) throws IOException {
        values[column] = switch (json.currentToken()) {
            case VALUE_STRING, VALUE_TRUE, VALUE_FALSE -> json.getText();
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> json.getNumberValue().toString();
            default -> null;
        };
        wrong[column] = switch (json.currentToken()) {
            case VALUE_NULL -> "is null, wanted a value";
            case START_ARRAY -> "is an array" + WANTED;
            case START_OBJECT -> "is an object" + WANTED;
            default -> null;
        };
    }

    private void add(int row) {
        for (int i = 0; i < columns.length; i++) {
            if (values[i] == null) {
                collector.problem(row, columns[i].label(), wrong[i]);
            }
        }
        int last = columns.length - 1;
        collector.add(row, spec, labels, values[0], last == 2 ? values[1] : null, values[last]);
    }
}
