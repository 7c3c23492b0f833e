package dev.ternion.worker;

import dev.ternion.recipe.JobListener.Evaluation;
import dev.ternion.recipe.JobListener.StepProgress;
import dev.ternion.telemetry.SeriesKey;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * What is measured of a training, as points of series: {@code loss.PART}, {@code learning_rate} and {@code step_seconds} of each step;
 * {@code eval.METRIC} of each evaluation, {@code eval_intervened.METRIC} with the teacher's signals in place.
 */
final class SeriesWriter {
    private final Reporter reporter;
    private final Map<Training, Series> trainings = new HashMap<>();

    private record Training(String arm, long seed) {}

    SeriesWriter(Reporter reporter) {
        this.reporter = reporter;
    }

    /** A step that was done at this time. */
    void step(StepProgress progress, Instant now) {
        Series series = series(progress.arm(), progress.seed());
        long millis = now.toEpochMilli();
        series.values.clear();
        progress.losses().forEach((part, loss) -> series.values.put(series.key("loss.", part), loss));
        series.values.put(series.key("", "learning_rate"), progress.learningRate());
        if (series.lastStep != null) {
            double seconds = (now.getEpochSecond() - series.lastStep.getEpochSecond())
                    + (now.getNano() - series.lastStep.getNano()) * 1e-9;
            series.values.put(series.key("", "step_seconds"), Math.max(0, seconds));
        }
        series.lastStep = now;
        reporter.measure(series.values, progress.step(), millis);
    }

    /** An evaluation that was done at this time. The time to the next step would count it. */
    void evaluation(Evaluation evaluation, Instant now) {
        trainings.values().forEach(other -> other.lastStep = null);
        Series series = series(evaluation.arm(), evaluation.seed());
        series.values.clear();
        evaluation.deployed().forEach((metric, value) -> series.values.put(series.key("eval.", metric), value));
        evaluation
                .intervened()
                .forEach((metric, value) -> series.values.put(series.key("eval_intervened.", metric), value));
        reporter.measure(series.values, evaluation.step(), now.toEpochMilli());
    }

    private Series series(String arm, long seed) {
        return trainings.computeIfAbsent(new Training(arm, seed), Series::new);
    }

    /** The series of a training. */
    private static final class Series {
        private final Training training;
        private final Map<String, SeriesKey> keys = new HashMap<>();
        private final Map<SeriesKey, Double> values = new HashMap<>();
        private Instant lastStep;

        private Series(Training training) {
            this.training = training;
        }

        private SeriesKey key(String prefix, String name) {
            return keys.computeIfAbsent(
                    prefix + name, metric -> new SeriesKey(training.arm(), training.seed(), metric));
        }
    }
}
