package dev.ternion.cli;

import dev.ternion.api.v1.Evaluation;
import dev.ternion.api.v1.Job;
import dev.ternion.api.v1.Phase;
import dev.ternion.api.v1.PhaseChange;
import dev.ternion.api.v1.StateChange;
import dev.ternion.api.v1.StepProgress;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Events in words. */
final class EventText {
    private EventText() {}

    /** For example "QUEUED: waiting for device cpu: 2 jobs before this one". */
    static String state(StateChange change) {
        String state = state(change.getTo());
        boolean says = !change.getReason().isEmpty() && !change.getReason().equalsIgnoreCase(state);
        return says ? state + ": " + change.getReason() : state;
    }

    /** The state of a job, in the same words. */
    static String state(Job job) {
        return state(StateChange.newBuilder()
                .setTo(job.getState())
                .setReason(job.getStateReason())
                .build());
    }

    /** Name of a state. */
    static String state(Job.State state) {
        return state == Job.State.UNRECOGNIZED ? "UNKNOWN" : state.name().substring("STATE_".length());
    }

    /** For example "full QAT (ti-g, seed 1)". */
    static String phase(PhaseChange change) {
        String where = where(change.getArm(), change.getSeed());
        return phase(change.getPhase())
                + (where.isEmpty() ? "" : " (" + where + ")")
                + (change.getMessage().isEmpty() ? "" : ": " + change.getMessage());
    }

    /** For example "step 120/600  ti-g, seed 1  intervention at MAP  loss 1.234  ETA 1:05". */
    static String progress(StepProgress progress) {
        return "step " + progress.getStepsDone() + "/" + progress.getStepsTotal() + "  " + doing(progress)
                + (progress.hasEtaSeconds() ? "  ETA " + clock(progress.getEtaSeconds()) : "");
    }

    /** Arm, phase, site and loss of a step. */
    static String doing(StepProgress progress) {
        StringBuilder text = new StringBuilder();
        String where = where(progress.getArm(), progress.getArm().isEmpty() ? 0 : progress.getSeed());
        if (!where.isEmpty()) {
            text.append(where).append("  ");
        }
        text.append(
                progress.getSite().isEmpty() ? phase(progress.getPhase()) : "intervention at " + progress.getSite());
        Double total = progress.getLossesMap().get("total");
        if (total != null) {
            text.append("  loss ").append(number(total));
        }
        return text.toString();
    }

    /** For example "evaluation at step 100 (control, seed 1): accuracy 0.9417". */
    static String evaluation(Evaluation evaluation) {
        String where = where(evaluation.getArm(), evaluation.getArm().isEmpty() ? 0 : evaluation.getSeed());
        String text = "evaluation at step " + evaluation.getStep() + (where.isEmpty() ? "" : " (" + where + ")") + ": "
                + metrics(evaluation.getDeployedMap());
        return evaluation.getIntervenedCount() == 0
                ? text
                : text + "; with the intervention: " + metrics(evaluation.getIntervenedMap());
    }

    /** Metrics by name. */
    static String metrics(Map<String, Double> metrics) {
        return new TreeMap<>(metrics)
                .entrySet().stream()
                        .map(metric -> metric.getKey() + " " + number(metric.getValue()))
                        .collect(Collectors.joining(", "));
    }

    /** Four digits behind the point; very small and very large numbers with an exponent. */
    static String number(double value) {
        double size = Math.abs(value);
        boolean plain = value == 0 || size >= 1e-3 && size < 1e5;
        return String.format(Locale.ROOT, plain ? "%.4f" : "%.3e", value);
    }

    /** For example "1:05" or "2:03:09". */
    static String clock(double seconds) {
        long whole = Math.max(0, Math.round(seconds));
        return whole < 3600
                ? String.format(Locale.ROOT, "%d:%02d", whole / 60, whole % 60)
                : String.format(Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
    }

    private static String where(String arm, long seed) {
        return arm + (seed == 0 ? "" : (arm.isEmpty() ? "" : ", ") + "seed " + seed);
    }

    private static String phase(Phase phase) {
        return switch (phase) {
            case PHASE_LOADING -> "loading";
            case PHASE_TRAINING -> "fine-tuning";
            case PHASE_INTERVENTION -> "intervention";
            case PHASE_FULL_QAT -> "full QAT";
            case PHASE_EVALUATING -> "evaluating";
            case PHASE_SAVING -> "saving";
            case PHASE_UNSPECIFIED, UNRECOGNIZED -> "running";
        };
    }
}
