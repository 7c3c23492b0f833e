package dev.ternion.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.jobs.FakeWorkers;
import dev.ternion.jobs.JobChanges;
import dev.ternion.jobs.JobQueue;
import dev.ternion.jobs.JobRuns;
import dev.ternion.jobs.Opaque;
import dev.ternion.jobs.Placement;
import dev.ternion.jobs.Submission;
import dev.ternion.telemetry.PointList;
import dev.ternion.telemetry.Sampling;
import dev.ternion.telemetry.SeriesInfo;
import dev.ternion.telemetry.SeriesKey;
import dev.ternion.telemetry.Told;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Series and logs on SQLite. */
class SqlTelemetryTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void answersAsTheStoreInMemoryAlsoWhenOpenedAgain(long seed) throws Exception {
        TelemetryModel model = new TelemetryModel(seed);
        for (int opened = 0; opened < 2; opened++) {
            try (JobDatabase jobs = JobDatabase.inFolder(folder, e -> {})) {
                SqlTelemetry telemetry = telemetry(folder);
                model.compare(telemetry);
                model.change(jobs.store(), telemetry, 300);
                model.compare(telemetry);
            }
        }
        assertThat(model.metItsBounds()).isTrue();
    }

    /** One call in ten fails, before it has happened or after. */
    @Test
    void faultsThatPassAreNotSeen() throws Exception {
        TelemetryModel model = new TelemetryModel(4);
        try (JobDatabase jobs = JobDatabase.inFolder(folder, e -> {})) {
            var steady = new FaultyStores(0.1, 8).survived(telemetry(folder));
            model.change(jobs.store(), steady, 300);
            model.compare(steady);
        }
    }

    /** The bar for opening such a run is a second; here other tests run beside it. */
    @Test
    void aMillionPointsAreOpenedAtOnce() throws Exception {
        int size = 1 << 20;
        SeriesKey key = new SeriesKey("ti-g", 1, "loss.total");
        try (JobDatabase jobs = JobDatabase.inFolder(folder, e -> {})) {
            JobChanges changes = new JobChanges(jobs.store(), TelemetryModel.CLOCK);
            new JobQueue(changes, UUID::randomUUID, 10)
                    .submit(new Submission("job-a", "", Opaque.EMPTY, Placement.on("cpu"), "", ""));
            new JobRuns(changes, new FakeWorkers(), () -> 0, id -> {}).turn();
            for (int first = 1; first <= size; first += size / 16) {
                PointList points = new PointList();
                for (int step = first; step < first + size / 16; step++) {
                    points.add(step, Math.sin(step * 1e-3), 1_900_000_000_000L + 7L * step);
                }
                assertThat(jobs.telemetry().append("job-a", 1, new Told(Map.of(key, points.points()), 1, List.of())))
                        .isTrue();
            }
            long start = System.nanoTime();
            SeriesInfo series = jobs.telemetry().find("job-a", key).orElseThrow();
            Sampling.Sample sample = Sampling.LTTB.of(jobs.telemetry(), "job-a", series, 0, Long.MAX_VALUE, 1000);
            double seconds = (System.nanoTime() - start) * 1e-9;
            Files.writeString(
                    Path.of("target/series-open.txt"),
                    String.format(
                            Locale.ROOT,
                            "%d points to %d: %.3f s%n",
                            size,
                            sample.points().size(),
                            seconds));
            assertThat(sample.of()).isEqualTo(size);
            assertThat(sample.points().size()).isEqualTo(1000);
            assertThat(seconds).isLessThan(10);
        }
    }

    static SqlTelemetry telemetry(Path folder) {
        return new SqlTelemetry(
                Jdbi.create(JobDatabase.sqlite(folder.resolve(DatabaseFile.NAME))),
                TelemetryModel.BOUNDS,
                TelemetryModel.CLOCK);
    }
}
