package dev.ternion.api;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import dev.ternion.api.v1.Evaluation;
import dev.ternion.api.v1.JobEvent;
import dev.ternion.api.v1.LogLine;
import dev.ternion.api.v1.Phase;
import dev.ternion.api.v1.PhaseChange;
import dev.ternion.api.v1.ReportReady;
import dev.ternion.api.v1.StepProgress;
import dev.ternion.recipe.JobListener;
import java.time.Instant;
import java.util.List;
import java.util.OptionalDouble;

/** What a running job says, as event messages; number and time are set by who reads them. */
public final class EventMapper {
    private EventMapper() {}

    /** What the job does now. */
    public static JobEvent phase(JobListener.Phase phase, String arm, long seed, String message) {
        return JobEvent.newBuilder()
                .setPhaseChange(PhaseChange.newBuilder()
                        .setPhase(phase(phase))
                        .setArm(arm)
                        .setSeed(seed)
                        .setMessage(message))
                .build();
    }

    /**
     * Progress after a step.
     *
     * @param phase what the job does; null if it did not say
     * @param etaSeconds seconds to the end; empty if not known
     * @param elapsedSeconds seconds since the job began
     */
    public static JobEvent step(
            JobListener.StepProgress step,
            JobListener.Phase phase,
            OptionalDouble etaSeconds,
            double elapsedSeconds,
            Instant time) {
        StepProgress.Builder proto = StepProgress.newBuilder()
                .setArm(step.arm())
                .setSeed(step.seed())
                .setStep(step.step())
                .setStepsDone(step.stepsDone())
                .setStepsTotal(step.stepsTotal())
                .setLearningRate(step.learningRate())
                .putAllLosses(step.losses())
                .setSite(step.site())
                .setElapsedSeconds(elapsedSeconds)
                .setPhase(phase == null ? Phase.PHASE_UNSPECIFIED : phase(phase))
                .setTime(timestamp(time));
        etaSeconds.ifPresent(proto::setEtaSeconds);
        return JobEvent.newBuilder().setProgress(proto).build();
    }

    /** Result of an evaluation. */
    public static JobEvent evaluation(JobListener.Evaluation evaluation) {
        return JobEvent.newBuilder()
                .setEvaluation(Evaluation.newBuilder()
                        .setArm(evaluation.arm())
                        .setSeed(evaluation.seed())
                        .setStep(evaluation.step())
                        .putAllDeployed(evaluation.deployed())
                        .putAllIntervened(evaluation.intervened()))
                .build();
    }

    /** A line for people. */
    public static JobEvent log(LogLine.Severity severity, String text) {
        return JobEvent.newBuilder()
                .setLogLine(LogLine.newBuilder().setSeverity(severity).setText(text))
                .build();
    }

    /** The report can be read. */
    public static JobEvent reportReady(List<String> models) {
        return JobEvent.newBuilder()
                .setReportReady(ReportReady.newBuilder().addAllModels(models))
                .build();
    }

    /** The event in stored bytes. */
    public static JobEvent message(byte[] bytes) {
        try {
            return JobEvent.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("stored event of " + bytes.length + " bytes is damaged", e);
        }
    }

    /** A point in time. */
    public static Timestamp timestamp(Instant time) {
        return Timestamp.newBuilder()
                .setSeconds(time.getEpochSecond())
                .setNanos(time.getNano())
                .build();
    }

    private static Phase phase(JobListener.Phase phase) {
        return Phase.valueOf("PHASE_" + phase.name());
    }
}
