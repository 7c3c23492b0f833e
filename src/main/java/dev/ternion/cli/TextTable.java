package dev.ternion.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A table in plain text; columns whose cells all begin with a digit stand right. */
final class TextTable {
    private TextTable() {}

    /** Prints to stderr. */
    static void print(Session session, List<String> head, List<List<String>> rows, String empty) {
        if (rows.isEmpty()) {
            session.say(empty);
        } else {
            lines(head, rows).forEach(session::say);
        }
    }

    /** The lines of a table; rows are as long as the head. */
    static List<String> lines(List<String> head, List<List<String>> rows) {
        List<String> formats = new ArrayList<>();
        for (int column = 0; column < head.size(); column++) {
            int at = column;
            int width = Math.max(
                    head.get(at).length(),
                    rows.stream().mapToInt(row -> row.get(at).length()).max().orElse(0));
            boolean right = rows.stream().map(row -> row.get(at)).allMatch(TextTable::numeric)
                    && rows.stream().anyMatch(row -> !row.get(at).isEmpty());
            formats.add("%" + (right ? "" : "-") + Math.max(1, width) + "s");
        }
        List<String> lines = new ArrayList<>();
        lines.add(line(formats, head));
        rows.forEach(row -> lines.add(line(formats, row)));
        return lines;
    }

    private static boolean numeric(String cell) {
        return cell.isEmpty()
                || cell.equals("-")
                || cell.equals("never")
                || Character.isDigit(cell.charAt(0))
                || cell.length() > 1 && "+-".indexOf(cell.charAt(0)) >= 0 && Character.isDigit(cell.charAt(1));
    }

    private static String line(List<String> formats, List<String> cells) {
        List<String> padded = new ArrayList<>();
        for (int i = 0; i < cells.size(); i++) {
            padded.add(String.format(formats.get(i), cells.get(i)));
        }
        return padded.stream().collect(Collectors.joining("  ")).stripTrailing();
    }
}
