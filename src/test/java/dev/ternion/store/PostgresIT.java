package dev.ternion.store;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
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
        }
    }
}
