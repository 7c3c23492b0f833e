package dev.ternion.data;

import java.util.List;

/**
 * Which column of a table: by its name in the header, or by its position.
 *
 * @param name name in the header (or key in JSONL), or null for a position
 * @param index position from 0, or -1 for a name
 */
public record Column(String name, int index) {
    /** Refuses a column that is neither or both. */
    public Column {
        if ((name == null) == (index < 0)) {
            throw new IllegalArgumentException("column has name " + name + " and index " + index
                    + ", wanted one of them: Column.named(…) or Column.at(…)");
        }
    }

    /** The column with this name. */
    public static Column named(String name) {
        return new Column(name, -1);
    }

    /** The column at this position, counted from 0. */
    public static Column at(int index) {
        return new Column(null, index);
    }

    /** How messages call it: its name, or {@code #} and its position. */
    public String label() {
        return name != null ? name : "#" + index;
    }

    /** Position in a row of the file, or -1 if the header (null: there is none) does not have it. */
    int positionIn(List<String> header) {
        return name == null ? index : header == null ? -1 : header.indexOf(name);
    }
}
