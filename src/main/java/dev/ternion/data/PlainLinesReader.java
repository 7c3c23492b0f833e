package dev.ternion.data;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Imports one file for each class, one text a line, plain or gzip; empty lines are skipped. */
public final class PlainLinesReader {
    private PlainLinesReader() {}

    /**
     * Reads the files and holds back a seeded share of all lines.
     *
     * @param files class name → file, in the order of the class indices: pass a map with an order
     * @param split the share to evaluate on
     * @param bounds limits of each file
     * @throws DatasetException with all bad lines of all files
     */
    public static Dataset read(Map<String, Path> files, EvalSplit.Fraction split, ReadBounds bounds) {
        RowProblems problems = new RowProblems();
        List<Example> examples = new ArrayList<>();
        List<String> classes = List.copyOf(files.keySet());
        for (int label = 0; label < classes.size(); label++) {
            Path file = files.get(classes.get(label));
            for (RawRow row : rows(file, bounds, problems)) {
                examples.add(new Example(row.textA(), null, label, row.row()));
            }
        }
        problems.throwIfAny();
        return TabularReader.held(TaskInfo.classification(classes), examples, split);
    }

    private static List<RawRow> rows(Path file, ReadBounds bounds, RowProblems problems) {
        RowCollector collector = new RowCollector(file.getFileName().toString(), bounds, problems);
        int before = problems.total();
        try (Reader reader = TextSource.open(file, bounds.maxFileBytes())) {
            TextLines lines = new TextLines(reader, bounds.maxTextChars());
            boolean more = true;
            for (String line = lines.next(); line != null && more; line = lines.next()) {
                more = line.isBlank() || add(collector, lines.row(), line);
            }
            if (collector.rows().isEmpty() && problems.total() == before) {
                collector.problem(0, "", "has no lines of text, wanted one or more");
            }
        } catch (NoSuchFileException e) {
            collector.problem(0, "", "no such file: " + e.getMessage() + "; give the path of the data file");
        } catch (IOException e) {
            collector.problem(0, "", "cannot be read: " + e.getMessage());
        }
        return collector.rows();
    }

    private static boolean add(RowCollector collector, int row, String line) {
        boolean more = collector.admit(row);
        if (more) {
            collector.addLine(row, line);
        }
        return more;
    }
}
