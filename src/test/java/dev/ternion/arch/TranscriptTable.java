package dev.ternion.arch;

import dev.ternion.api.v1.ArmContrast;
import dev.ternion.api.v1.Contrast;
import dev.ternion.api.v1.JobReport;
import dev.ternion.api.v1.Run;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the table of a transcript back into reports and prints it again with the command line's own code. */
final class TranscriptTable {
    private static final Pattern HEAD = Pattern.compile("\\s+(\\S+)  +best  .*");
    private static final Pattern ARM = Pattern.compile("(\\S+) \\(([A-Z]+)\\)(?:, mean of (\\d+) seeds)?");
    private static final Pattern REACHED = Pattern.compile("(\\d+)(?: \\((\\d+) of \\d+ seeds\\))?");
    private static final Pattern BYTES = Pattern.compile("([\\d.]+) MB -> ([\\d.]+) MB .*");
    private static final Pattern CONTRAST = Pattern.compile(
            "(\\S+) - (\\S+): (\\S+) ([+-]\\S+) \\[(\\S+), (\\S+)]  \\(95 % interval, (\\d+) seeds?, (\\d+)"
                    + " examples.*");

    private final JobReport.Builder report = JobReport.newBuilder().setKind("QAT");
    private final JobReport.Builder teacher = JobReport.newBuilder();

    private TranscriptTable() {}

    /** Whether this is the first line of a table. */
    static boolean isHead(String line) {
        return HEAD.matcher(line).matches();
    }

    /** The lines as the command line prints them today. */
    static List<String> again(List<String> lines) {
        TranscriptTable table = new TranscriptTable();
        lines.forEach(table::read);
        return Renderers.call("ReportTable", "lines", table.report.build(), table.teacher.build());
    }

    private void read(String line) {
        Matcher head = HEAD.matcher(line), contrast = CONTRAST.matcher(line);
        if (head.matches()) {
            report.setPrimaryMetric(head.group(1));
        } else if (line.startsWith("note: ")) {
            report.addNotes(line.substring("note: ".length()));
        } else if (contrast.matches()) {
            report.addContrasts(contrast(contrast));
        } else {
            row(line.split(" {2,}"));
        }
    }

    private void row(String[] cells) {
        Run.Builder run = Run.newBuilder()
                .putMetrics(report.getPrimaryMetric(), Double.parseDouble(cells[1]))
                .setBest(Double.parseDouble(cells[2]))
                .setSteps(Integer.parseInt(cells[4]))
                .setSeconds(Double.parseDouble(cells[5]));
        if (cells[0].equals("teacher")) {
            report.putTeacher(report.getPrimaryMetric(), Double.parseDouble(cells[1]));
            teacher.addRuns(run);
            return;
        }
        Matcher arm = ARM.matcher(cells[0]), bytes = BYTES.matcher(cells[6]);
        if (!arm.matches() || !bytes.matches()) {
            throw new AssertionError("no row of an arm: " + String.join("  ", cells));
        }
        run.setArm(arm.group(1)).setRole(arm.group(2)).setFp32Bytes(bytes(bytes.group(1)));
        run.setPackedBytes(bytes(bytes.group(2)));
        int seeds = arm.group(3) == null ? 1 : Integer.parseInt(arm.group(3));
        for (int seed = 1; seed <= seeds; seed++) {
            report.addRuns(run.setSeed(seed).setStepsToTeacherShare(stepsToTeacher(cells[3], seed)));
        }
    }

    private static int stepsToTeacher(String cell, int seed) {
        Matcher reached = REACHED.matcher(cell);
        boolean some = reached.matches() && (reached.group(2) == null || seed <= Integer.parseInt(reached.group(2)));
        return some ? Integer.parseInt(reached.group(1)) : -1;
    }

    private static ArmContrast contrast(Matcher line) {
        int seeds = Integer.parseInt(line.group(7));
        return ArmContrast.newBuilder()
                .setIntervention(line.group(1))
                .setControl(line.group(2))
                .setContrast(Contrast.newBuilder()
                        .setMetric(line.group(3))
                        .setEstimate(Double.parseDouble(line.group(4)))
                        .setLow(Double.parseDouble(line.group(5)))
                        .setHigh(Double.parseDouble(line.group(6)))
                        .setSeeds(seeds)
                        .setSeedsResampled(seeds > 1)
                        .setExamples(Integer.parseInt(line.group(8))))
                .build();
    }

    private static long bytes(String megabytes) {
        return Math.round(Double.parseDouble(megabytes) * 1e6);
    }
}
