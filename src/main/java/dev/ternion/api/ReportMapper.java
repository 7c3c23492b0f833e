package dev.ternion.api;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.ternion.recipe.report.Contrast;
import dev.ternion.recipe.report.JobReport;
import dev.ternion.recipe.report.JobReport.ArmContrast;
import dev.ternion.recipe.report.JobReport.Run;

/** Between {@link JobReport} and its message. */
public final class ReportMapper {
    private ReportMapper() {}

    /** The bytes under which {@code jobs} keeps a report. */
    public static byte[] encode(JobReport report) {
        return write(report, "").toByteArray();
    }

    /** The message in the bytes of {@link #encode}, under the job's name. */
    public static dev.ternion.api.v1.JobReport message(byte[] bytes, String name) {
        try {
            return dev.ternion.api.v1.JobReport.parseFrom(bytes).toBuilder()
                    .setName(name)
                    .build();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("stored report of " + bytes.length + " bytes is damaged", e);
        }
    }

    /** Writes a report. */
    public static dev.ternion.api.v1.JobReport write(JobReport report, String name) {
        return dev.ternion.api.v1.JobReport.newBuilder()
                .setName(name)
                .setKind(report.kind())
                .setPrimaryMetric(report.primaryMetric())
                .putAllTeacher(report.teacher())
                .addAllRuns(report.runs().stream().map(ReportMapper::write).toList())
                .addAllContrasts(
                        report.contrasts().stream().map(ReportMapper::write).toList())
                .addAllModels(report.models())
                .addAllNotes(report.notes())
                .setExecution(dev.ternion.api.v1.Execution.newBuilder()
                        .setDevice(report.execution().device())
                        .setPrecision(report.execution().precision())
                        .addAllDenseAlgorithms(report.execution().denseAlgorithms()))
                .build();
    }

    /** Reads a report. */
    public static JobReport read(dev.ternion.api.v1.JobReport proto) {
        return new JobReport(
                proto.getKind(),
                proto.getPrimaryMetric(),
                proto.getTeacherMap(),
                proto.getRunsList().stream().map(ReportMapper::read).toList(),
                proto.getContrastsList().stream().map(ReportMapper::read).toList(),
                proto.getModelsList(),
                proto.getNotesList(),
                new JobReport.Execution(
                        proto.getExecution().getDevice(),
                        proto.getExecution().getPrecision(),
                        proto.getExecution().getDenseAlgorithmsList()));
    }

    private static dev.ternion.api.v1.Run write(Run run) {
        return dev.ternion.api.v1.Run.newBuilder()
                .setArm(run.arm())
                .setRole(run.role())
                .setSeed(run.seed())
                .putAllMetrics(run.metrics())
                .setBest(run.best())
                .setBestStep(run.bestStep())
                .setStepsToTeacherShare(run.stepsToTeacherShare())
                .setSteps(run.steps())
                .setSeconds(run.seconds())
                .setFp32Bytes(run.fp32Bytes())
                .setPackedBytes(run.packedBytes())
                .setModel(run.model())
                .setDigest(run.digest())
                .build();
    }

    private static Run read(dev.ternion.api.v1.Run run) {
        return new Run(
                run.getArm(),
                run.getRole(),
                run.getSeed(),
                run.getMetricsMap(),
                run.getBest(),
                run.getBestStep(),
                run.getStepsToTeacherShare(),
                run.getSteps(),
                run.getSeconds(),
                run.getFp32Bytes(),
                run.getPackedBytes(),
                run.getModel(),
                run.getDigest());
    }

    private static dev.ternion.api.v1.ArmContrast write(ArmContrast pair) {
        Contrast contrast = pair.contrast();
        return dev.ternion.api.v1.ArmContrast.newBuilder()
                .setIntervention(pair.intervention())
                .setControl(pair.control())
                .setContrast(dev.ternion.api.v1.Contrast.newBuilder()
                        .setMetric(contrast.metric())
                        .setEstimate(contrast.estimate())
                        .setLow(contrast.low())
                        .setHigh(contrast.high())
                        .setResamples(contrast.resamples())
                        .setSeeds(contrast.seeds())
                        .setExamples(contrast.examples())
                        .setSeedsResampled(contrast.seedsResampled()))
                .build();
    }

    private static ArmContrast read(dev.ternion.api.v1.ArmContrast pair) {
        dev.ternion.api.v1.Contrast contrast = pair.getContrast();
        return new ArmContrast(
                pair.getIntervention(),
                pair.getControl(),
                new Contrast(
                        contrast.getMetric(),
                        contrast.getEstimate(),
                        contrast.getLow(),
                        contrast.getHigh(),
                        contrast.getResamples(),
                        contrast.getSeeds(),
                        contrast.getExamples(),
                        contrast.getSeedsResampled()));
    }
}
