package dev.ternion.arch;

import dev.ternion.api.v1.Evaluation;
import dev.ternion.api.v1.Job;
import dev.ternion.api.v1.Phase;
import dev.ternion.api.v1.PhaseChange;
import dev.ternion.api.v1.StateChange;
import dev.ternion.api.v1.StepProgress;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads lines of a transcript back into events and prints them again with the command line's own code. */
final class TranscriptLines {
    private static final Map<String, Phase> PHASES = phases();
    private static final String WHERE = "(?: \\((?:([a-z][a-z0-9-]*), )?seed (\\d+)\\))?";

    private static final Pattern STATE = Pattern.compile(
            "(QUEUED|STARTING|RUNNING|PAUSING|PAUSED|CANCELLING|SUCCEEDED|FAILED|CANCELLED|EXPIRED)(?:: (.*))?");
    private static final Pattern PHASE =
            Pattern.compile("(" + String.join("|", PHASES.keySet()) + ")" + WHERE + "(?:: (.*))?");
    private static final Pattern EVALUATION =
            Pattern.compile("evaluation at step (\\d+)" + WHERE + ": (.*?)(?:; with the intervention: (.*))?");
    private static final Pattern STEP = Pattern.compile("step (\\d+)/(\\d+)  (?:([a-z][a-z0-9-]*), seed (\\d+)  )?"
            + "(?:intervention at ([A-Z]+)|(" + String.join("|", PHASES.keySet()) + "))"
            + "(?:  loss (\\S+))?(?:  ETA (\\S+))?");

    private TranscriptLines() {}

    /** The line as the command line prints it today; null if it is no line about an event. */
    static String again(String line) {
        Matcher state = STATE.matcher(line), phase = PHASE.matcher(line);
        Matcher evaluation = EVALUATION.matcher(line), step = STEP.matcher(line);
        if (state.matches()) {
            return state(state);
        }
        if (evaluation.matches()) {
            return evaluation(evaluation);
        }
        if (step.matches()) {
            return step(step);
        }
        return phase.matches() ? phase(phase) : null;
    }

    private static String state(Matcher line) {
        StateChange change = StateChange.newBuilder()
                .setTo(Job.State.valueOf("STATE_" + line.group(1)))
                .setReason(text(line.group(2)))
                .build();
        return Renderers.call("EventText", "state", change);
    }

    private static String phase(Matcher line) {
        PhaseChange change = PhaseChange.newBuilder()
                .setPhase(PHASES.get(line.group(1)))
                .setArm(text(line.group(2)))
                .setSeed(number(line.group(3)))
                .setMessage(text(line.group(4)))
                .build();
        return Renderers.call("EventText", "phase", change);
    }

    private static String evaluation(Matcher line) {
        Evaluation evaluation = Evaluation.newBuilder()
                .setStep((int) number(line.group(1)))
                .setArm(text(line.group(2)))
                .setSeed(number(line.group(3)))
                .putAllDeployed(metrics(line.group(4)))
                .putAllIntervened(metrics(text(line.group(5))))
                .build();
        return Renderers.call("EventText", "evaluation", evaluation);
    }

    private static String step(Matcher line) {
        StepProgress.Builder progress = StepProgress.newBuilder()
                .setStepsDone(number(line.group(1)))
                .setStepsTotal(number(line.group(2)))
                .setArm(text(line.group(3)))
                .setSeed(number(line.group(4)))
                .setSite(text(line.group(5)))
                .setPhase(line.group(6) == null ? Phase.PHASE_INTERVENTION : PHASES.get(line.group(6)));
        if (line.group(7) != null) {
            progress.putLosses("total", Double.parseDouble(line.group(7)));
        }
        if (line.group(8) != null) {
            progress.setEtaSeconds(Arrays.stream(line.group(8).split(":"))
                    .mapToDouble(Double::parseDouble)
                    .reduce(0, (sum, part) -> sum * 60 + part));
        }
        return Renderers.call("EventText", "progress", progress.build());
    }

    private static Map<String, Double> metrics(String text) {
        Map<String, Double> metrics = new LinkedHashMap<>();
        for (String metric : text.isEmpty() ? new String[0] : text.split(", ")) {
            metrics.put(
                    metric.substring(0, metric.indexOf(' ')), Double.valueOf(metric.substring(metric.indexOf(' '))));
        }
        return metrics;
    }

    private static Map<String, Phase> phases() {
        Map<String, Phase> phases = new LinkedHashMap<>();
        for (Phase phase : Phase.values()) {
            phases.put(Renderers.call("EventText", "phase", phase), phase);
        }
        return phases;
    }

    private static String text(String group) {
        return group == null ? "" : group;
    }

    private static long number(String group) {
        return group == null ? 0 : Long.parseLong(group);
    }
}
