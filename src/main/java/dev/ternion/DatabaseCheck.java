package dev.ternion;

import dev.ternion.cli.Check;
import dev.ternion.store.DatabaseFile.Schema;
import dev.ternion.store.PostgresFacts;
import dev.ternion.store.PostgresSettings;
import java.io.IOException;
import java.nio.file.Path;

/** Looks at a PostgreSQL database without changing it, beside a server that may be using it. */
final class DatabaseCheck {
    private static final String NAME = "store";

    private DatabaseCheck() {}

    static Check run(Path file) {
        try {
            PostgresSettings settings = PostgresSettings.read(file, System::getenv);
            PostgresFacts facts = PostgresFacts.of(settings);
            if (!facts.problems().isEmpty()) {
                return Check.fail(
                        NAME,
                        settings + ": " + String.join("; ", facts.problems()),
                        "No server starts on it before that.");
            }
            Schema schema = facts.schema();
            String older = schema.version().equals(schema.known())
                    ? ""
                    : " (the next server brings them to " + schema.known() + ")";
            return Check.ok(
                    NAME,
                    settings + ": PostgreSQL " + facts.version() + ", tables of version " + schema.version() + older
                            + ", synchronous_commit " + facts.commit()
                            + (facts.commit().equals("on") || facts.commit().equals("remote_apply")
                                    ? ""
                                    : " (a server sets it to on)")
                            + (facts.server() ? ", a server has it" : ", no server has it"));
        } catch (IOException e) {
            return Check.fail(NAME, e.getMessage(), "Correct the settings, or the database; see OPERATIONS.md.");
        }
    }
}
