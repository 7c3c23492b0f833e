package dev.ternion.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
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
            var steady = FaultyJobStore.survived(telemetry(folder), 0.1, 8);
            model.change(jobs.store(), steady, 300);
            model.compare(steady);
        }
    }

    static SqlTelemetry telemetry(Path folder) {
        return new SqlTelemetry(
                Jdbi.create(JobDatabase.sqlite(folder.resolve(DatabaseFile.NAME))),
                TelemetryModel.BOUNDS,
                TelemetryModel.CLOCK);
    }
}
