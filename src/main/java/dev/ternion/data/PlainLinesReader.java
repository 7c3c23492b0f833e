package dev.ternion.data;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
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
        PackedExamples examples = new PackedExamples();
        List<String> classes = List.copyOf(files.keySet());
        for (int label = 0; label < classes.size(); label++) {
            Path file = files.get(classes.get(label));
            RowCollector collector = new RowCollector(file.getFileName().toString(), bounds, examples, problems);
            read(file, label, bounds, collector);
            collector.end("has no lines of text, wanted one or more");
        }
        problems.throwIfAny();
        return TabularReader.held(TaskInfo.classification(classes), examples.complete(), split);
    }

    private static void read(Path file, int label, ReadBounds bounds, RowCollector collector) {
        try (Reader reader = TextSource.open(file, bounds.maxFileBytes())) {
            TextLines lines = new TextLines(reader, bounds.maxTextChars());
            boolean more = true;
            while (more && lines.next()) {
                String line = lines.text();
                more = line.isBlank() || add(collector, lines.row(), line, label);
            }
        } catch (NoSuchFileException e) {
            collector.problem(0, "", "no such file: " + e.getMessage() + "; give the path of the data file");
        } catch (IOException e) {
            collector.problem(0, "", "cannot be read: " + e.getMessage());
        }
    }

    private static boolean add(RowCollector collector, int row, String line, int label) {
        boolean more = collector.admit(row);
        if (more) {
            collector.addLine(row, line, label);
        }
        return more;
    }
}
