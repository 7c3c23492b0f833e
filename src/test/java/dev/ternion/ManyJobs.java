package dev.ternion;

import dev.ternion.api.v1.JobSpec;
import dev.ternion.jobs.FakeWorkers;
import dev.ternion.jobs.JobChanges;
import dev.ternion.jobs.JobQueue;
import dev.ternion.jobs.JobRuns;
import dev.ternion.jobs.Opaque;
import dev.ternion.jobs.Outcome;
import dev.ternion.jobs.Placement;
import dev.ternion.jobs.Submission;
import dev.ternion.store.DatabaseFile;
import dev.ternion.store.JobDatabase;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** A database with very many jobs, made in a second: rows copied in one transaction, whatever columns they have. */
final class ManyJobs {
    private ManyJobs() {}

    /** Adds jobs {@code load-1} and on, the first ones waiting, the others SUCCEEDED, each with the events of one that has ended. */
    static void write(Path data, int jobs, int waiting) throws Exception {
        try (JobDatabase database = JobDatabase.inFolder(data, fault -> {})) {
            JobChanges changes = new JobChanges(database.store(), Clock.systemUTC());
            JobQueue queue = new JobQueue(changes, UUID::randomUUID, 10);
            JobRuns runs = new JobRuns(changes, new FakeWorkers(), System::nanoTime, id -> {});
            JobSpec.Builder fineTune = KilledServerIT.fineTune(3).toBuilder();
            fineTune.getFineTuneBuilder().setOutputModel("many");
            Opaque spec = Opaque.of(fineTune.build().toByteArray());
            queue.submit(new Submission("done", "many", spec, Placement.on("cpu"), "", ""));
            runs.turn();
            runs.claim("done", 1);
            runs.finish("done", 1, new Outcome.Succeeded(Opaque.EMPTY, Opaque.EMPTY));
            queue.submit(new Submission("waiting", "many", spec, Placement.on("cpu"), "", ""));
        }
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + data.resolve(DatabaseFile.NAME));
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            copy(statement, "waiting", 1, waiting);
            copy(statement, "done", waiting + 1, jobs);
            statement.executeUpdate("UPDATE jobs SET changed = number");
            statement.executeUpdate("UPDATE revisions SET newest = newest + (SELECT MAX(number) FROM jobs)");
            connection.commit();
        }
    }

    private static void copy(Statement statement, String from, int first, int last) throws SQLException {
        String numbers =
                "WITH RECURSIVE n (i) AS (SELECT " + first + " UNION ALL SELECT i + 1 FROM n WHERE i < " + last + ") ";
        if (first > last) {
            return;
        }
        List<String> jobColumns = columns(statement, "jobs");
        List<String> jobValues = new ArrayList<>(jobColumns);
        jobColumns.remove("number");
        jobValues.remove("number");
        jobValues.set(jobColumns.indexOf("id"), "'load-' || i");
        jobValues.set(jobColumns.indexOf("uid"), "'00000000-0000-4000-8000-' || printf('%012d', i)");
        statement.executeUpdate("INSERT INTO jobs (" + String.join(", ", jobColumns) + ") " + numbers + "SELECT "
                + String.join(", ", jobValues) + " FROM n, jobs WHERE jobs.id = '" + from + "'");
        List<String> eventColumns = columns(statement, "events");
        List<String> eventValues = new ArrayList<>(eventColumns);
        eventValues.replaceAll(column -> "e." + column);
        eventValues.set(eventColumns.indexOf("job"), "j.number");
        statement.executeUpdate("INSERT INTO events (" + String.join(", ", eventColumns) + ") " + numbers + "SELECT "
                + String.join(", ", eventValues) + " FROM n JOIN jobs j ON j.id = 'load-' || i, events e JOIN jobs t"
                + " ON e.job = t.number WHERE t.id = '" + from + "'");
    }

    private static List<String> columns(Statement statement, String table) throws SQLException {
        List<String> columns = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery("PRAGMA table_info(" + table + ")")) {
            while (rows.next()) {
                columns.add(rows.getString("name"));
            }
        }
        return columns;
    }
}
