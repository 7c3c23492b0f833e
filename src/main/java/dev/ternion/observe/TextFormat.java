package dev.ternion.observe;

import java.util.List;

/** Prometheus' text format, version 0.0.4. */
final class TextFormat {
    /** As HTTP names it. */
    static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private TextFormat() {}

    static void write(Metrics.Family family, StringBuilder out) {
        out.append("# HELP ").append(family.name()).append(' ');
        escape(family.help(), false, out);
        out.append("\n# TYPE ")
                .append(family.name())
                .append(' ')
                .append(family.type())
                .append('\n');
        for (Metrics.Sample sample : family.samples().get()) {
            out.append(family.name()).append(sample.suffix());
            labels(family.labels(), sample.values(), out);
            out.append(' ').append(number(sample.value())).append('\n');
        }
    }

    private static void labels(List<String> names, List<String> values, StringBuilder out) {
        for (int i = 0; i < values.size(); i++) {
            out.append(i == 0 ? '{' : ',')
                    .append(i < names.size() ? names.get(i) : "le")
                    .append("=\"");
            escape(values.get(i), true, out);
            out.append('"');
        }
        out.append(values.isEmpty() ? "" : "}");
    }

    private static void escape(String text, boolean quoted, StringBuilder out) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '"' -> out.append(quoted ? "\\\"" : "\"");
                default -> out.append(c);
            }
        }
    }

    /** A number as Go reads it; whole ones without a point. */
    static String number(double value) {
        if (Double.isInfinite(value)) {
            return value > 0 ? "+Inf" : "-Inf";
        }
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? String.valueOf((long) value)
                : String.valueOf(value);
    }
}
