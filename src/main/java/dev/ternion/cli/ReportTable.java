package dev.ternion.cli;

import dev.ternion.api.v1.ArmContrast;
import dev.ternion.api.v1.Contrast;
import dev.ternion.api.v1.JobReport;
import dev.ternion.api.v1.Run;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** A report for people: teacher, control, intervention; means over seeds. */
final class ReportTable {
    private ReportTable() {}

    /**
     * The lines.
     *
     * @param report of a job
     * @param teacher report of the job that made the teacher, for its steps and seconds; null if not at hand
     */
    static List<String> lines(JobReport report, JobReport teacher) {
        String metric = report.getPrimaryMetric();
        List<List<String>> rows = new ArrayList<>();
        if (report.getTeacherCount() > 0) {
            rows.add(teacherRow(report, teacher));
        }
        for (Map.Entry<String, List<Run>> arm : byArm(report).entrySet()) {
            rows.add(armRow(arm.getKey(), arm.getValue(), metric, report.getTeacherCount() > 0));
        }
        List<String> head = List.of(
                "", metric, "best", "steps to 95 % of teacher", "steps", "seconds", "linear weights fp32 -> packed");
        List<String> lines = new ArrayList<>(TextTable.lines(head, rows));
        report.getContrastsList().forEach(contrast -> lines.add(contrast(contrast)));
        report.getNotesList().forEach(note -> lines.add("note: " + note));
        return lines;
    }

    private static List<String> teacherRow(JobReport report, JobReport teacher) {
        String metric = report.getPrimaryMetric();
        List<Run> runs = teacher == null ? List.of() : teacher.getRunsList();
        return List.of(
                "teacher",
                EventText.number(report.getTeacherOrDefault(metric, Double.NaN)),
                runs.isEmpty() ? "-" : EventText.number(mean(runs, Run::getBest)),
                "-",
                runs.isEmpty() ? "-" : Integer.toString(runs.get(0).getSteps()),
                runs.isEmpty() ? "-" : oneDigit(mean(runs, Run::getSeconds)),
                "-");
    }

    /** Runs by arm, "teacher" aside: CONTROL first, then INTERVENTION, then the rest. */
    private static Map<String, List<Run>> byArm(JobReport report) {
        List<Run> sorted = new ArrayList<>(report.getRunsList());
        List<String> order = List.of("CONTROL", "INTERVENTION");
        sorted.sort(Comparator.comparingInt(
                run -> order.contains(run.getRole()) ? order.indexOf(run.getRole()) : order.size()));
        return sorted.stream()
                .collect(Collectors.groupingBy(
                        run -> run.getArm().isEmpty()
                                ? report.getKind().toLowerCase(Locale.ROOT)
                                : run.getArm() + " (" + run.getRole() + ")",
                        LinkedHashMap::new,
                        Collectors.toList()));
    }

    private static List<String> armRow(String name, List<Run> runs, String metric, boolean hasTeacher) {
        Run first = runs.get(0);
        return List.of(
                name + (runs.size() > 1 ? ", mean of " + runs.size() + " seeds" : ""),
                EventText.number(mean(runs, run -> run.getMetricsOrDefault(metric, Double.NaN))),
                EventText.number(mean(runs, Run::getBest)),
                hasTeacher ? stepsToTeacher(runs) : "-",
                Integer.toString(first.getSteps()),
                oneDigit(mean(runs, Run::getSeconds)),
                first.getPackedBytes() == 0 ? "-" : bytes(first.getFp32Bytes(), first.getPackedBytes()));
    }

    private static String stepsToTeacher(List<Run> runs) {
        List<Run> reached =
                runs.stream().filter(run -> run.getStepsToTeacherShare() >= 0).toList();
        if (reached.isEmpty()) {
            return "never";
        }
        String steps = Long.toString(Math.round(mean(reached, Run::getStepsToTeacherShare)));
        return reached.size() == runs.size() ? steps : steps + " (" + reached.size() + " of " + runs.size() + " seeds)";
    }

    private static String contrast(ArmContrast arms) {
        Contrast contrast = arms.getContrast();
        return String.format(
                Locale.ROOT,
                "%s - %s: %s %+.4f [%+.4f, %+.4f]  (95 %% interval, %d %s, %d examples)",
                arms.getIntervention(),
                arms.getControl(),
                contrast.getMetric(),
                contrast.getEstimate(),
                contrast.getLow(),
                contrast.getHigh(),
                contrast.getSeeds(),
                contrast.getSeeds() == 1 ? "seed" : "seeds",
                contrast.getExamples());
    }

    private static double mean(List<Run> runs, ToDoubleFunction<Run> value) {
        return runs.stream().mapToDouble(value).average().orElse(Double.NaN);
    }

    private static String oneDigit(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    private static String bytes(long fp32, long packed) {
        return String.format(
                Locale.ROOT, "%.2f MB -> %.2f MB (%.1fx)", fp32 / 1e6, packed / 1e6, (double) fp32 / packed);
    }
}
