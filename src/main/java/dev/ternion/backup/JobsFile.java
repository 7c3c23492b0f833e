package dev.ternion.backup;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/** What backups ask of a database of jobs; given by the composition root. */
public interface JobsFile {
    /** Name of the database in a data folder. */
    String NAME = "jobs.db";

    /** Copies the database of a data folder, as it is at one moment, into a new file. A server may work on it meanwhile. */
    void copy(Path dataFolder, Path file) throws IOException;

    /**
     * What the jobs of a copy that are not final read: folders of a data folder, such as {@code models/teacher}, by the id of the job.
     *
     * @param folder that holds the copy as {@link #NAME}
     */
    Map<String, Set<String>> needs(Path folder) throws IOException;

    /**
     * Looks at every page of a copy; answers the version of its schema.
     *
     * @param folder that holds the copy as {@link #NAME}
     * @throws BackupException if it is damaged, or of a later version of Ternion
     */
    String check(Path folder) throws IOException;

    /**
     * Has the copy tell that it is another one than that of which it was made: what comes after it may be given the same numbers.
     *
     * @param folder that holds the copy as {@link #NAME}
     */
    void renew(Path folder) throws IOException;
}
