package dev.ternion.store;

import java.io.IOException;
import java.nio.file.Path;

/** Databases that forget early. */
public final class SmallDatabase {
    private SmallDatabase() {}

    /** Opens a database that keeps so many changes. */
    public static JobDatabase keeping(int changes, Path folder) throws IOException {
        return JobDatabase.inFolder(
                folder, JobDatabase.DEFAULT_MAX_JOBS, JobDatabase.DEFAULT_MAX_EVENTS, changes, fault -> {});
    }
}
