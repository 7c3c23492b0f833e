package dev.ternion.server;

import dev.ternion.api.internal.v1.ReportRequest;
import dev.ternion.telemetry.LogLine;
import dev.ternion.telemetry.PointBlock;
import dev.ternion.telemetry.Points;
import dev.ternion.telemetry.SeriesKey;
import dev.ternion.telemetry.Severity;
import dev.ternion.telemetry.Timings;
import dev.ternion.telemetry.Told;
import dev.ternion.telemetry.Work;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/** Points, lines and work as a worker sends them. */
final class TelemetryMessages {
    private TelemetryMessages() {}

    static Told told(ReportRequest request) {
        Map<SeriesKey, Points> points = new HashMap<>();
        request.getPointsList()
                .forEach(series -> points.put(
                        new SeriesKey(series.getArm(), series.getSeed(), series.getMetric()),
                        PointBlock.read(series.getPoints().toByteArray())));
        return new Told(
                points,
                Math.max(1, request.getFirstLine()),
                request.getLinesList().stream()
                        .map(line -> new LogLine(
                                Instant.ofEpochMilli(line.getMillis()),
                                Severity.valueOf(line.getSeverity()),
                                line.getText()))
                        .toList());
    }

    static Work work(dev.ternion.api.internal.v1.Work message) {
        Map<String, Work.Steps> steps = new HashMap<>();
        message.getStepsList()
                .forEach(done ->
                        steps.put(done.getPhase(), new Work.Steps(done.getSamples(), timings(done.getTimes()))));
        Map<String, Work.Checkpoints> checkpoints = new HashMap<>();
        message.getCheckpointsList()
                .forEach(done ->
                        checkpoints.put(done.getOrigin(), new Work.Checkpoints(done.getMade(), done.getFailed())));
        return new Work(message.getNumber(), steps, timings(message.getCheckpointTimes()), checkpoints);
    }

    private static Timings timings(dev.ternion.api.internal.v1.Timings message) {
        return new Timings(message.getCountsList(), message.getSeconds());
    }
}
