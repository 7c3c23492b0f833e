package dev.ternion.data;

/**
 * A row as text, before its label is understood.
 *
 * @param row row number in the file, 1-based
 * @param textA first text
 * @param textB second text, or null
 * @param label the label as written
 */
record RawRow(int row, String textA, String textB, String label) {}
