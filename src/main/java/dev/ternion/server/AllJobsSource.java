package dev.ternion.server;

import dev.ternion.api.v1.Bookmark;
import dev.ternion.api.v1.SyncBegin;
import dev.ternion.api.v1.SyncEnd;
import dev.ternion.api.v1.WatchJobsResponse;
import dev.ternion.jobs.Change;
import dev.ternion.jobs.ChangeLog;
import dev.ternion.jobs.JobState;
import dev.ternion.server.WatchPosition.Phase;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * All jobs, then their changes, by rising revision; never over. A job that changes while the jobs are read comes with its changes, so
 * that nothing need be kept of what was read.
 */
final class AllJobsSource implements PulledStream.Source<WatchJobsResponse> {
    private static final int BATCH = 100;

    private final ChangeLog log;
    private final Set<JobState> states;
    private final String epoch;
    private WatchPosition position;
    /** In CATCH_UP: sync_end comes after this revision. */
    private long target;

    private AllJobsSource(ChangeLog log, Set<JobState> states, ChangeLog.Extent extent, WatchPosition position) {
        this.log = log;
        this.states = states;
        this.epoch = extent.epoch();
        this.position = position;
        this.target = extent.newest();
    }

    /**
     * A watch.
     *
     * @param states wanted states; empty means all
     * @param token where to go on; empty: at the beginning
     */
    static AllJobsSource open(ChangeLog log, Set<JobState> states, String token) {
        ChangeLog.Extent extent = log.extent();
        if (token.isEmpty()) {
            return new AllJobsSource(log, states, extent, new WatchPosition(Phase.BEGIN, extent.newest(), 0));
        }
        ResumeToken wanted = ResumeToken.read(token);
        if (!wanted.states().equals(states)) {
            throw ResumeToken.invalid("is one of a watch with another filter");
        }
        if (!wanted.epoch().equals(extent.epoch())) {
            throw Refusal.outOfRange(
                    "WATCH_OTHER_STORE",
                    "resume_token is of another store, or of this one before it was restored; begin again without a token",
                    Map.of());
        }
        requireKept(wanted.position().needed(), extent);
        return new AllJobsSource(log, states, extent, wanted.position());
    }

    private static void requireKept(long after, ChangeLog.Extent extent) {
        if (after > extent.newest()) {
            throw Refusal.outOfRange(
                    "WATCH_FUTURE",
                    "resume_token is of revision " + after + ", the newest is " + extent.newest()
                            + "; begin again without a token",
                    Map.of("newest_revision", String.valueOf(extent.newest())));
        }
        if (after < extent.oldest() - 1) {
            throw compacted(after, extent);
        }
    }

    private static Refusal compacted(long after, ChangeLog.Extent extent) {
        return Refusal.outOfRange(
                "WATCH_COMPACTED",
                "changes after revision " + after + " are wanted, the oldest that is kept has revision "
                        + extent.oldest() + "; begin again without a token",
                Map.of("oldest_revision", String.valueOf(extent.oldest())));
    }

    @Override
    public Iterator<WatchJobsResponse> read() {
        return switch (position.phase()) {
            case BEGIN -> one(message(position.in(Phase.STANDING)).setSyncBegin(SyncBegin.getDefaultInstance()));
            case STANDING -> standing();
            case CATCH_UP, LIVE -> changes();
        };
    }

    private Iterator<WatchJobsResponse> standing() {
        List<Change> jobs = log.standing(states, position.told(), position.base(), BATCH);
        if (!jobs.isEmpty()) {
            return messages(jobs);
        }
        position = position.at(position.base()).in(Phase.CATCH_UP);
        target = log.extent().newest();
        return changes();
    }

    private Iterator<WatchJobsResponse> changes() {
        while (position.phase() == Phase.LIVE || position.told() < target) {
            List<Change> next = log.changes(position.told(), limit());
            if (next.isEmpty()) {
                return Collections.emptyIterator();
            }
            if (next.get(0).revision() != position.told() + 1) {
                throw compacted(position.told(), log.extent());
            }
            List<Change> wanted =
                    next.stream().filter(change -> change.touches(states)).toList();
            if (!wanted.isEmpty()) {
                return messages(wanted);
            }
            position = position.at(next.get(next.size() - 1).revision());
        }
        return one(message(position.in(Phase.LIVE)).setSyncEnd(SyncEnd.getDefaultInstance()));
    }

    private int limit() {
        return position.phase() == Phase.LIVE ? BATCH : (int) Math.min(BATCH, target - position.told());
    }

    @Override
    public void sent(WatchJobsResponse message) {
        position = switch (message.getEventCase()) {
            case SYNC_BEGIN -> position.in(Phase.STANDING);
            case SYNC_END -> position.in(Phase.LIVE);
            default -> position.at(message.getRevision());
        };
    }

    @Override
    public boolean isOver() {
        return false;
    }

    @Override
    public WatchJobsResponse bookmark() {
        return message(position).setBookmark(Bookmark.getDefaultInstance()).build();
    }

    private Iterator<WatchJobsResponse> messages(List<Change> changes) {
        return changes.stream()
                .map(change -> JobMessages.change(change, message(position.at(change.revision()))))
                .iterator();
    }

    private WatchJobsResponse.Builder message(WatchPosition after) {
        return WatchJobsResponse.newBuilder()
                .setRevision(after.told())
                .setResumeToken(new ResumeToken(epoch, after, states).text());
    }

    private static Iterator<WatchJobsResponse> one(WatchJobsResponse.Builder message) {
        return List.of(message.build()).iterator();
    }
}
