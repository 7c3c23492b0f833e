package dev.ternion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.api.v1.JobServiceGrpc;
import dev.ternion.api.v1.WatchJobsRequest;
import dev.ternion.api.v1.WatchJobsResponse;
import dev.ternion.jobs.Change;
import dev.ternion.jobs.JobState;
import dev.ternion.jobs.JobStore;
import io.grpc.ManagedChannel;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What one watcher of all jobs is told by servers that are killed, each of which it asks to go on after the last message. */
final class WatchedHistory {
    private final List<WatchJobsResponse> told = new ArrayList<>();
    private final Map<String, JobState> states = new TreeMap<>();
    private String token = "";
    private long revision;
    private volatile RuntimeException failure;

    /** Watches until the server is gone. */
    Thread watch(ServerProcess server) {
        ManagedChannel connection = server.connect();
        Thread thread = new Thread(() -> {
            try {
                Iterator<WatchJobsResponse> messages = JobServiceGrpc.newBlockingStub(connection)
                        .watchJobs(WatchJobsRequest.newBuilder()
                                .setResumeToken(token)
                                .build());
                while (messages.hasNext()) {
                    WatchJobsResponse message = messages.next();
                    token = message.getResumeToken();
                    told.add(message);
                }
            } catch (StatusRuntimeException e) {
                failure = e.getStatus().getCode() == Code.UNAVAILABLE ? null : e;
            } finally {
                connection.shutdownNow();
            }
        });
        thread.start();
        return thread;
    }

    /** Compares with a store that no server has open: all that was told stands there, and with the rest of it gives its jobs. */
    void check(JobStore store) {
        assertThat(failure).isNull();
        long end = revision;
        for (WatchJobsResponse message : told) {
            if (message.hasJob() || message.hasDeleted()) {
                assertThat(message.getRevision()).isEqualTo(end + 1);
                end++;
                assertThat(text(message))
                        .isEqualTo(text(store.changes(end - 1, 1).get(0)));
            }
        }
        told.clear();
        for (Change change : store.changes(revision, (int) (end - revision))) {
            apply(states, change);
        }
        revision = end;
        Map<String, JobState> all = new TreeMap<>(states);
        store.changes(revision, Integer.MAX_VALUE).forEach(change -> apply(all, change));
        Map<String, JobState> jobs = new TreeMap<>();
        store.list(Set.of(), Long.MAX_VALUE, Integer.MAX_VALUE).forEach(job -> jobs.put(job.uid(), job.state()));
        assertThat(all).isEqualTo(jobs);
    }

    /** Changes that were told. */
    long revision() {
        return revision;
    }

    private static void apply(Map<String, JobState> states, Change change) {
        String uid = change.job().uid();
        JobState before = change.deleted()
                ? states.remove(uid)
                : states.put(uid, change.job().state());
        assertThat(before).as("before revision %d", change.revision()).isEqualTo(change.from());
        if (before != null && !change.deleted()) {
            assertThat(before.mayBecome(change.job().state()))
                    .as("%s to %s", before, change.job().state())
                    .isTrue();
        }
    }

    private static String text(WatchJobsResponse message) {
        return message.hasDeleted()
                ? message.getDeleted().getUid() + " deleted"
                : message.getJob().getUid() + " " + message.getJob().getState();
    }

    private static String text(Change change) {
        return change.job().uid()
                + (change.deleted() ? " deleted" : " STATE_" + change.job().state());
    }
}
