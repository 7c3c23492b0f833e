package dev.ternion.data;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Turns labels as written into numbers: class indices, or regression targets in their range. */
final class LabelReader {
    private final LabelRule rule;
    private final String column;
    private final Map<String, Integer> indices = new LinkedHashMap<>();
    private List<String> classes;
    private boolean inferring;

    /** A reader for a rule; where it has no classes, those are inferred from the first file that is read. */
    LabelReader(LabelRule rule, String column) {
        this.rule = rule;
        this.column = column;
        this.inferring =
                rule.kind() == TaskKind.CLASSIFICATION && rule.classes().isEmpty();
        this.classes = rule.classes();
        classes.forEach(name -> indices.put(name, indices.size()));
    }

    /** The classes, given or inferred; empty for regression. */
    List<String> classes() {
        return classes;
    }

    /** A label as a number; null, and a problem, for a bad one. Before {@link #infer}, numbers are those of {@link #seen}. */
    Float number(String file, int row, String label, RowProblems problems) {
        if (rule.kind() == TaskKind.REGRESSION) {
            return target(file, row, label, problems);
        }
        return inferring ? Float.valueOf(seen(label)) : classIndex(file, row, label, problems);
    }

    /** Numbers in the order in which labels are seen; one too many stands for all that follow. */
    private int seen(String label) {
        Integer number = indices.get(label);
        if (number != null || indices.size() > TaskInfo.MOST_LABELS) {
            return number == null ? TaskInfo.MOST_LABELS : number;
        }
        indices.put(label, indices.size());
        return indices.size() - 1;
    }

    private Float classIndex(String file, int row, String label, RowProblems problems) {
        Integer index = indices.get(label);
        if (index == null) {
            String wrong = "label is " + RowProblems.quote(label) + ", wanted " + wantedClasses();
            problems.add(file, row, column, wrong);
            return null;
        }
        return (float) index;
    }

    private String wantedClasses() {
        int shown = Math.min(10, classes.size());
        String more = classes.size() > shown ? " (and " + (classes.size() - shown) + " more)" : "";
        return "one of " + classes.subList(0, shown) + more;
    }

    private Float target(String file, int row, String label, RowProblems problems) {
        Float value = finite(label);
        if (value != null && value >= rule.min() && value <= rule.max()) {
            return value;
        }
        boolean bounded = Float.isFinite(rule.min()) || Float.isFinite(rule.max());
        String wanted = bounded ? "a number from " + rule.min() + " to " + rule.max() : "a finite number";
        problems.add(file, row, column, "label is " + RowProblems.quote(label) + ", wanted " + wanted);
        return null;
    }

    private static Float finite(String text) {
        try {
            float value = Float.parseFloat(text.strip());
            return Float.isFinite(value) ? value : null;
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /** If the rule has no classes: takes the labels seen for them, and gives the examples that were read their indices. */
    void infer(String file, PackedExamples examples, RowProblems problems) {
        if (!inferring) {
            return;
        }
        inferring = false;
        List<String> distinct = List.copyOf(indices.keySet());
        requireUsable(file, distinct, problems);
        boolean whole = distinct.stream().allMatch(text -> text.matches("-?\\d{1,9}"));
        Stream<String> names = distinct.stream();
        classes = (whole ? names.sorted(Comparator.comparing(Integer::valueOf)) : names.sorted()).toList();
        indices.clear();
        classes.forEach(name -> indices.put(name, indices.size()));
        float[] byNumber = new float[distinct.size()];
        for (int i = 0; i < byNumber.length; i++) {
            byNumber[i] = indices.get(distinct.get(i));
        }
        examples.relabel(byNumber);
    }

    private void requireUsable(String file, List<String> distinct, RowProblems problems) {
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
    }
}
