package dev.ternion.jobs;

import java.util.List;
import java.util.Set;

/** The changes of all jobs, written with them, in one transaction each. The oldest are forgotten beyond a number of changes. */
public interface ChangeLog {
    /**
     * Changes from a revision on, as they are kept: without a gap, but for the forgotten ones before the first.
     *
     * @param after only revisions above this
     * @param limit at most so many
     */
    List<Change> changes(long after, int limit);

    /**
     * Jobs as they stand, by the revision of their newest change.
     *
     * @param states wanted states; empty means all
     * @param after only revisions above this
     * @param upTo and not above this
     * @param limit at most so many
     */
    List<Change> standing(Set<JobState> states, long after, long upTo, int limit);

    /** What the log has. */
    Extent extent();

    /**
     * What a log has.
     *
     * @param epoch name of the log, random; another one after a backup was restored, which may give out revisions anew
     * @param oldest revision of the oldest change that is kept; one more than the newest if none is
     * @param newest revision of the newest change; 0 before the first
     */
    record Extent(String epoch, long oldest, long newest) {}
}
