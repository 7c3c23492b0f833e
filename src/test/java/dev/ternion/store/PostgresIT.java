package dev.ternion.store;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.util.Set;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

/** Jobs on PostgreSQL. */
class PostgresIT {
    @Test
    void answersAsTheStoreInMemoryAlsoWhenOpenedAgain() throws Exception {
        try (EmbeddedPostgres server = EmbeddedPostgres.start()) {
            String url = server.getJdbcUrl("postgres", "postgres");
            StoreModel model = new StoreModel(4);
            for (int opened = 0; opened < 2; opened++) {
                try (JobDatabase jobs = JobDatabase.postgres(url, StoreModel.MAX_JOBS, StoreModel.MAX_EVENTS)) {
                    model.compare(jobs.store());
                    model.change(jobs.store(), 1000);
                    model.compare(jobs.store());
                }
            }
            tellsSeriesAndLogsAsTheStoreInMemory(url);
        }
    }

    private static void tellsSeriesAndLogsAsTheStoreInMemory(String url) {
        TelemetryModel model = new TelemetryModel(5);
        try (JobDatabase jobs = JobDatabase.postgres(url, 100, 100)) {
            SqlTelemetry telemetry = new SqlTelemetry(Jdbi.create(url), TelemetryModel.BOUNDS, TelemetryModel.CLOCK);
            jobs.store()
                    .list(Set.of(), Long.MAX_VALUE, 100)
                    .forEach(job -> jobs.store().delete(job.id()));
            model.change(jobs.store(), telemetry, 300);
            model.compare(telemetry);
        }
    }
}
