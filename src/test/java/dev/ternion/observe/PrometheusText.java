package dev.ternion.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A strict reader of Prometheus' text format 0.0.4, written from its description and not from our writer. */
public final class PrometheusText {
    private static final String NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
    private static final Pattern HELP = Pattern.compile("# HELP (" + NAME + ") ((?:[^\\\\\n]|\\\\\\\\|\\\\n)+)");
    private static final Pattern TYPE =
            Pattern.compile("# TYPE (" + NAME + ") (counter|gauge|histogram|summary|untyped)");
    private static final Pattern SAMPLE = Pattern.compile("(" + NAME + ")(?:\\{(.+)})? (\\S+)");
    private static final Pattern LABEL =
            Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\\\\\"\n]|\\\\\\\\|\\\\\"|\\\\n)*)\"(?:,|$)");

    private final Map<String, Double> samples = new LinkedHashMap<>();
    private final Map<String, String> types = new LinkedHashMap<>();
    private final Set<String> closed = new HashSet<>();
    private String current = "";

    /** Reads a page; fails with the line that is wrong. */
    public static PrometheusText read(String page) {
        assertThat(page).endsWith("\n").doesNotContain("\r");
        PrometheusText text = new PrometheusText();
        String helped = "";
        for (String line : page.split("\n")) {
            Matcher help = HELP.matcher(line), type = TYPE.matcher(line);
            if (help.matches()) {
                helped = help.group(1);
                assertThat(text.closed.add(helped))
                        .as("one group of lines for %s", helped)
                        .isTrue();
            } else if (type.matches()) {
                text.current = type.group(1);
                assertThat(text.current).as("HELP and TYPE").isEqualTo(helped);
                text.types.put(text.current, type.group(2));
            } else {
                text.sample(line);
            }
        }
        text.checkTypes();
        return text;
    }

    /** Value of a series, written as {@code name{label="value"}} with the labels in alphabetical order. */
    public double value(String series) {
        assertThat(samples).containsKey(series);
        return samples.get(series);
    }

    /** All series with their values. */
    public Map<String, Double> samples() {
        return samples;
    }

    /** Types by name. */
    public Map<String, String> types() {
        return types;
    }

    private void sample(String line) {
        Matcher sample = SAMPLE.matcher(line);
        assertThat(sample.matches()).as("line: %s", line).isTrue();
        String name = sample.group(1);
        String type = types.get(current);
        assertThat(name)
                .as("line: %s", line)
                .matches(Pattern.quote(current)
                        + switch (type) {
                            case "histogram" -> "(_bucket|_sum|_count)";
                            case "summary" -> "(|_sum|_count)";
                            default -> "";
                        });
        Map<String, String> labels = labels(sample.group(2), line);
        assertThat(labels.containsKey("le")).as("line: %s", line).isEqualTo(name.endsWith("_bucket"));
        assertThat(samples.put(series(name, labels), number(sample.group(3))))
                .as("line: %s", line)
                .isNull();
    }

    private static Map<String, String> labels(String text, String line) {
        Map<String, String> labels = new TreeMap<>();
        Matcher label = LABEL.matcher(text == null ? "" : text);
        int end = 0;
        while (label.find() && label.start() == end) {
            assertThat(label.group(1)).doesNotStartWith("__");
            assertThat(labels.put(label.group(1), label.group(2)))
                    .as("line: %s", line)
                    .isNull();
            end = label.end();
        }
        assertThat(end).as("line: %s", line).isEqualTo(text == null ? 0 : text.length());
        return labels;
    }

    private static String series(String name, Map<String, String> labels) {
        StringBuilder series = new StringBuilder(name);
        labels.forEach((label, value) -> series.append(series.length() == name.length() ? '{' : ',')
                .append(label)
                .append("=\"")
                .append(value)
                .append('"'));
        return series.append(labels.isEmpty() ? "" : "}").toString();
    }

    private static double number(String text) {
        return switch (text) {
            case "+Inf" -> Double.POSITIVE_INFINITY;
            case "-Inf" -> Double.NEGATIVE_INFINITY;
            case "NaN" -> Double.NaN;
            default -> {
                assertThat(text).matches("-?[0-9]+(\\.[0-9]+)?([eE][+-]?[0-9]+)?");
                yield Double.parseDouble(text);
            }
        };
    }

    private void checkTypes() {
        types.forEach((name, type) -> {
            assertThat(name.endsWith("_total")).as("%s is a %s", name, type).isEqualTo(type.equals("counter"));
            if (type.equals("histogram")) {
                checkBuckets(name);
            }
        });
    }

    /** Buckets never fall, and the last one has all. */
    private void checkBuckets(String name) {
        double before = 0;
        for (Map.Entry<String, Double> sample : samples.entrySet()) {
            String series = sample.getKey();
            if (series.startsWith(name + "_bucket")) {
                assertThat(sample.getValue()).as(series).isGreaterThanOrEqualTo(before);
                before = sample.getValue();
                if (series.contains("le=\"+Inf\"")) {
                    String count = series.replace("_bucket", "_count")
                            .replaceAll("le=\"\\+Inf\",|,?le=\"\\+Inf\"", "")
                            .replace("{}", "");
                    assertThat(value(count)).as(count).isEqualTo(before);
                    value(count.replace("_count", "_sum"));
                    before = 0;
                }
            }
        }
        assertThat(before).as("%s ends with +Inf", name).isZero();
    }
}
