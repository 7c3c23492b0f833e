package dev.ternion.server;

import dev.ternion.api.internal.v1.ReportRequest;
import dev.ternion.telemetry.LogLine;
import dev.ternion.telemetry.PointBlock;
import dev.ternion.telemetry.Points;
import dev.ternion.telemetry.SeriesKey;
import dev.ternion.telemetry.Severity;
import dev.ternion.telemetry.Told;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/** Points and lines as a worker sends them. */
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
}
