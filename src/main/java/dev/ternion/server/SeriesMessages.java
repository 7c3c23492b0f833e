package dev.ternion.server;

import dev.ternion.api.v1.Series;
import dev.ternion.api.v1.SeriesPoints;
import dev.ternion.telemetry.Points;
import dev.ternion.telemetry.Sampling;
import dev.ternion.telemetry.SeriesInfo;
import dev.ternion.telemetry.SeriesKey;

/** Series as clients see them. */
final class SeriesMessages {
    private SeriesMessages() {}

    static Series series(SeriesInfo series) {
        return Series.newBuilder()
                .setKey(series.key().text())
                .setArm(series.key().arm())
                .setSeed(series.key().seed())
                .setMetric(series.key().metric())
                .setPointCount(series.points())
                .setFirstStep(series.firstStep())
                .setLastStep(series.lastStep())
                .setLastValue(series.lastValue())
                .build();
    }

    static SeriesPoints points(SeriesKey key, Sampling.Sample sample) {
        return points(key, sample.points()).toBuilder()
                .setPointCount(sample.of())
                .build();
    }

    static SeriesPoints points(SeriesKey key, Points points) {
        SeriesPoints.Builder message =
                SeriesPoints.newBuilder().setKey(key.text()).setPointCount(points.size());
        for (int i = 0; i < points.size(); i++) {
            message.addSteps(points.step(i)).addValues(points.value(i)).addTimesMs(points.millis(i));
        }
        return message.build();
    }
}
