package dev.ternion.data;

/**
 * One thing wrong with one row of a data file.
 *
 * @param row row (line) number in the file, 1-based; 0 where the file as a whole is meant
 * @param column name or position of the column, or "" where the row as a whole is meant
 * @param message file name, value seen and value wanted
 */
public record RowProblem(int row, String column, String message) {
    @Override
    public String toString() {
        return (row > 0 ? "row " + row + ", " : "") + (column.isEmpty() ? "" : "column " + column + ", ") + message;
    }
}
