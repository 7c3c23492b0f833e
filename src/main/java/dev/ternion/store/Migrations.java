package dev.ternion.store;

import dev.ternion.store.DatabaseFile.Schema;
import java.util.Arrays;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;
import org.flywaydb.core.api.configuration.FluentConfiguration;

/** The tables of a database, in versions. */
record Migrations(DataSource source, DatabaseKind kind) {
    private FluentConfiguration flyway() {
        return Flyway.configure()
                .dataSource(source)
                .locations(kind.migrations())
                .placeholders(kind.words());
    }

    /**
     * Brings the tables to this version's.
     *
     * @throws FlywayException also when they are of a later one
     */
    void run() {
        flyway().ignoreMigrationPatterns(new String[0])
                .failOnMissingLocations(true)
                .load()
                .migrate();
    }

    /** Which tables there are; changes nothing. */
    Schema schema() {
        MigrationInfoService all = flyway().load().info();
        String known = Arrays.stream(all.all())
                .filter(info -> info.getState().isResolved())
                .map(info -> info.getVersion().getVersion())
                .reduce("none", (older, newer) -> newer);
        MigrationInfo current = all.current();
        return current == null
                ? new Schema("none", known, false)
                : new Schema(
                        current.getVersion().getVersion(),
                        known,
                        !current.getState().isResolved());
    }
}
