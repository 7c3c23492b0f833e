package dev.ternion.data;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Turns labels as written into numbers: class indices, or regression targets in their range. */
final class LabelReader {
    private final LabelRule rule;
    private final String column;
    private final List<String> classes;
    private final Map<String, Integer> indices = new HashMap<>();
    private final RowProblems problems;

    /** A reader for a rule; {@code train} is what classes are inferred from where the rule has none. */
    LabelReader(LabelRule rule, String column, String file, List<RawRow> train, RowProblems problems) {
        this.rule = rule;
        this.column = column;
        this.problems = problems;
        boolean infer = rule.kind() == TaskKind.CLASSIFICATION && rule.classes().isEmpty();
        this.classes = infer ? infer(file, train) : rule.classes();
        classes.forEach(name -> indices.put(name, indices.size()));
    }

    /** The classes, given or inferred; empty for regression. */
    List<String> classes() {
        return classes;
    }

    /** Rows with their labels as numbers; a bad label is a problem and its row is left out. */
    List<Example> examples(String file, List<RawRow> rows) {
        List<Example> examples = new ArrayList<>(rows.size());
        for (RawRow row : rows) {
            Float label = rule.kind() == TaskKind.REGRESSION ? target(file, row) : classIndex(file, row);
            if (label != null) {
                examples.add(new Example(row.textA(), row.textB(), label, row.row()));
            }
        }
        return examples;
    }

    private Float classIndex(String file, RawRow row) {
        Integer index = indices.get(row.label());
        if (index == null) {
            problems.add(
                    file,
                    row.row(),
                    column,
                    "label is " + RowProblems.quote(row.label()) + ", wanted " + wantedClasses());
            return null;
        }
        return (float) index;
    }

    private String wantedClasses() {
        int shown = Math.min(10, classes.size());
        String more = classes.size() > shown ? " (and " + (classes.size() - shown) + " more)" : "";
        return "one of " + classes.subList(0, shown) + more;
    }

    private Float target(String file, RawRow row) {
        Float value = number(row.label());
        if (value != null && value >= rule.min() && value <= rule.max()) {
            return value;
        }
        boolean bounded = Float.isFinite(rule.min()) || Float.isFinite(rule.max());
        String wanted = bounded ? "a number from " + rule.min() + " to " + rule.max() : "a finite number";
        problems.add(file, row.row(), column, "label is " + RowProblems.quote(row.label()) + ", wanted " + wanted);
        return null;
    }

    private static Float number(String text) {
        try {
            float value = Float.parseFloat(text.strip());
            return Float.isFinite(value) ? value : null;
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private List<String> infer(String file, List<RawRow> rows) {
        List<String> distinct = rows.stream()
                .map(RawRow::label)
                .distinct()
                .limit(TaskInfo.MOST_LABELS + 1L)
                .toList();
        if (distinct.size() > TaskInfo.MOST_LABELS) {
            problems.add(
                    file,
                    0,
                    column,
                    "has more than " + TaskInfo.MOST_LABELS
                            + " distinct labels; if they are numbers to predict, ask for a regression");
        } else if (distinct.size() == 1) {
            problems.add(file, 0, column, "has one label only, " + distinct + ", wanted two or more");
        }
        for (String label : distinct) {
            if (label.length() > TaskInfo.LONGEST_LABEL) {
                String seen = label.length() + " characters";
                problems.add(file, 0, column, "has a class of " + seen + ", wanted at most " + TaskInfo.LONGEST_LABEL);
            }
        }
        boolean whole = distinct.stream().allMatch(text -> text.matches("-?\\d{1,9}"));
        Stream<String> names = distinct.stream();
        return (whole ? names.sorted(Comparator.comparing(Integer::valueOf)) : names.sorted()).toList();
    }
}
