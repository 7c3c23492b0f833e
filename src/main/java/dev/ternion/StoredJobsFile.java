package dev.ternion;

import dev.ternion.api.SpecMapper;
import dev.ternion.api.SpecReferences;
import dev.ternion.backup.BackupException;
import dev.ternion.backup.JobsFile;
import dev.ternion.recipe.JobSpec;
import dev.ternion.store.DatabaseFile;
import dev.ternion.store.JobDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Databases of jobs, for backups. */
final class StoredJobsFile implements JobsFile {
    @Override
    public void copy(Path dataFolder, Path file) throws IOException {
        refuseLater(new DatabaseFile(dataFolder));
        try {
            new DatabaseFile(dataFolder).copyTo(file);
        } catch (IOException e) {
            throw new BackupException(e.getMessage(), e);
        }
    }

    @Override
    public Map<String, Set<String>> needs(Path folder) throws IOException {
        Map<String, Set<String>> needs = new TreeMap<>();
        new DatabaseFile(folder).openSpecs().forEach((id, spec) -> {
            JobSpec job = SpecMapper.decode(spec);
            SpecReferences references = SpecReferences.of(job);
            Set<String> folders = new TreeSet<>();
            references.models().forEach(model -> folders.add("models/" + model));
            references.datasets().forEach(dataset -> folders.add("datasets/" + dataset));
            if (!job.checkpoints().beginAt().isEmpty()) {
                folders.add("checkpoints/" + id);
            }
            needs.put(id, folders);
        });
        return needs;
    }

    @Override
    public String check(Path folder) throws IOException {
        DatabaseFile file = new DatabaseFile(folder);
        List<String> problems;
        try {
            problems = file.problems(true);
        } catch (IOException e) {
            throw new BackupException(NAME + " is damaged: " + e.getMessage(), e);
        }
        if (!problems.isEmpty()) {
            throw new BackupException(NAME + " is damaged: " + String.join("; ", problems));
        }
        return refuseLater(file);
    }

    @Override
    public void renew(Path folder) throws IOException {
        try {
            JobDatabase.renewEpoch(folder);
        } catch (IOException e) {
            throw new BackupException(e.getMessage(), e);
        }
    }

    private static String refuseLater(DatabaseFile file) throws IOException {
        DatabaseFile.Schema schema;
        try {
            schema = file.schema();
        } catch (IOException e) {
            throw new BackupException(e.getMessage(), e);
        }
        if (schema.later()) {
            throw new BackupException(NAME + " has tables of version " + schema.version()
                    + ", this Ternion knows up to " + schema.known() + ": use the later version that made it");
        }
        return schema.version();
    }
}
