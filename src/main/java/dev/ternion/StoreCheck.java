package dev.ternion;

import dev.ternion.cli.Check;
import dev.ternion.server.DataFolderLock;
import dev.ternion.store.DatabaseFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Looks at the database of a data folder without changing it, beside a server that may be using it. */
final class StoreCheck {
    private static final String NAME = "store";

    private final Path data;

    StoreCheck(Path data) {
        this.data = data;
    }

    Check run() {
        try {
            Optional<String> database = LocalJobs.databaseOf(data);
            if (database.isPresent()) {
                return Check.warn(
                        NAME,
                        "the jobs are in " + database.get() + ", which was not looked at",
                        "Name its settings: doctor --database FILE.");
            }
        } catch (IOException e) {
            return damaged(e.getMessage());
        }
        Path path = data.resolve(DatabaseFile.NAME);
        if (!Files.exists(path)) {
            return Check.ok(NAME, "no " + DatabaseFile.NAME + " yet");
        }
        DatabaseFile file = new DatabaseFile(data);
        try {
            List<String> problems = file.problems(false);
            if (!problems.isEmpty()) {
                return damaged(path + ": " + String.join("; ", problems));
            }
            DatabaseFile.Schema schema = file.schema();
            if (schema.later()) {
                return Check.fail(
                        NAME,
                        path + " has tables of version " + schema.version() + ", this Ternion knows up to "
                                + schema.known(),
                        "Use the later version of Ternion that made it.");
            }
            String holder = DataFolderLock.holder(data)
                    .map(who -> ", a server has it: " + who)
                    .orElse(", no server has it");
            String older = schema.version().equals(schema.known())
                    ? ""
                    : " (the next server brings it to " + schema.known() + ")";
            return Check.ok(NAME, "sound, tables of version " + schema.version() + older + holder);
        } catch (IOException e) {
            return damaged(e.getMessage());
        }
    }

    private static Check damaged(String what) {
        return Check.fail(
                NAME,
                what,
                "Keep a copy of the folder, then restore the last backup: bin/ternion restore --from FILE --data NEW.");
    }
}
