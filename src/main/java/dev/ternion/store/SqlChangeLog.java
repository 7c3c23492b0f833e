package dev.ternion.store;

import dev.ternion.jobs.Change;
import dev.ternion.jobs.ChangeLog;
import dev.ternion.jobs.JobState;
import java.util.List;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** The table of changes. */
final class SqlChangeLog implements ChangeLog {
    /** Changes that one change removes at most, so that none takes long. */
    private static final int BATCH = 100;

    private static final String OUTLINE =
            "number, id, uid, display_name, owner, device, memory, priority, longest, state, reason, attempts, attempt, created, started, ended, error";

    private static final String STANDING = OUTLINE
            + ", CASE WHEN report IS NULL THEN 0 ELSE 1 END AS reported, revision AS job_revision, last_sequence FROM jobs";

    private final Jdbi jdbi;
    private final int maxChanges;

    SqlChangeLog(Jdbi jdbi, int maxChanges) {
        this.jdbi = jdbi;
        this.maxChanges = maxChanges;
        jdbi.registerRowMapper(Change.class, (row, context) -> Rows.change(row));
    }

    /**
     * Writes the change of a job that the transaction has just made, or is about to delete. One of the last things in a
     * transaction: until it commits, no other can write a change.
     *
     * @param from state before; null for a new job
     */
    void append(Handle h, String id, JobState from, boolean deleted) {
        long revision = h.createQuery("UPDATE revisions SET newest = newest + 1 RETURNING newest")
                .mapTo(Long.class)
                .one();
        int known = h.createUpdate("UPDATE jobs SET changed = :revision WHERE id = :id")
                .bind("revision", revision)
                .bind("id", id)
                .execute();
        if (known == 0) {
            throw new IllegalStateException("job " + id + " does not exist, its change would leave a gap");
        }
        h.createUpdate("INSERT INTO changes (revision, from_state, deleted, " + OUTLINE
                        + ", reported, job_revision, last_sequence) SELECT changed, CAST(:from AS VARCHAR(16)), :deleted, "
                        + STANDING + " WHERE id = :id")
                .bind("from", from == null ? null : from.name())
                .bind("deleted", deleted ? 1 : 0)
                .bind("id", id)
                .execute();
        h.createUpdate("DELETE FROM changes WHERE revision <= :limit"
                        + " AND revision < (SELECT MIN(revision) FROM changes) + " + BATCH)
                .bind("limit", revision - maxChanges)
                .execute();
    }

    @Override
    public List<Change> changes(long after, int limit) {
        return jdbi.withHandle(
                h -> h.createQuery("SELECT * FROM changes WHERE revision > :after ORDER BY revision LIMIT :limit")
                        .bind("after", after)
                        .bind("limit", limit)
                        .mapTo(Change.class)
                        .list());
    }

    @Override
    public List<Change> standing(Set<JobState> states, long after, long upTo, int limit) {
        Set<JobState> wanted = states.isEmpty() ? Set.of(JobState.values()) : states;
        return jdbi.withHandle(h -> h.createQuery(
                        "SELECT changed AS revision, NULL AS from_state, 0 AS deleted, "
                                + STANDING
                                + " WHERE changed > :after AND changed <= :to AND state IN (<states>) ORDER BY changed LIMIT :limit")
                .bind("after", after)
                .bind("to", upTo)
                .bindList("states", wanted.stream().map(Enum::name).toList())
                .bind("limit", limit)
                .mapTo(Change.class)
                .list());
    }

    @Override
    public Extent extent() {
        return jdbi.withHandle(h -> h.createQuery("SELECT epoch, newest,"
                        + " COALESCE((SELECT MIN(revision) FROM changes), newest + 1) AS oldest FROM revisions")
                .map((row, context) -> new Extent(row.getString("epoch"), row.getLong("oldest"), row.getLong("newest")))
                .one());
    }
}
