package dev.ternion.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.ternion.api.v1.WatchJobsResponse;
import dev.ternion.api.v1.WatchJobsResponse.EventCase;
import dev.ternion.jobs.ChangeLog;
import dev.ternion.jobs.InMemoryJobStore;
import dev.ternion.jobs.JobChanges;
import dev.ternion.jobs.JobQueue;
import dev.ternion.jobs.JobState;
import dev.ternion.jobs.Opaque;
import dev.ternion.jobs.Placement;
import dev.ternion.jobs.Submission;
import dev.ternion.server.WatchPosition.Phase;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a watch of all jobs sends, read as far as each test says. */
class AllJobsSourceTest {
    private static final int MAX_CHANGES = 400;

    private final InMemoryJobStore store = new InMemoryJobStore(300, 100, MAX_CHANGES);
    private final JobQueue queue = new JobQueue(new JobChanges(store, Clock.systemUTC()), UUID::randomUUID, 1000);

    @Test
    void allJobsThenEachChangeWithTheStateOfThen() {
        submit("job-a");
        submit("job-b");
        Reader reader = new Reader(Set.of());
        assertThat(reader.take(10)).containsExactly("SYNC_BEGIN 0", "job-a QUEUED 1", "job-b QUEUED 2", "SYNC_END 2");
        assertThat(reader.take(10)).isEmpty();
        queue.pause("job-a", "why");
        queue.resume("job-a");
        queue.cancel("job-b", "why");
        queue.delete("job-b");
        assertThat(reader.take(10))
                .containsExactly("job-a PAUSED 3", "job-a QUEUED 4", "job-b CANCELLED 5", "job-b DELETED 6");
    }

    @Test
    void aJobSaysWhatAListSaysButForSpecAndPlace() {
        queue.submit(new Submission(
                "job-a", "näme", Opaque.of(new byte[] {1}), new Placement("cpu", 0, 7, null), "", "print"));
        queue.cancel("job-a", "enough");
        Reader reader = new Reader(Set.of());
        reader.take(3);
        dev.ternion.api.v1.Job job = reader.all.get(1).getJob();
        assertThat(job.getName()).isEqualTo("projects/default/jobs/job-a");
        assertThat(job.getUid()).isEqualTo(queue.get("job-a").uid());
        assertThat(job.getDisplayName()).isEqualTo("näme");
        assertThat(job.getPriority()).isEqualTo(7);
        assertThat(job.getStateReason()).isEqualTo("enough");
        assertThat(job.getLastSequence()).isEqualTo(2);
        assertThat(job.hasCreateTime()).isTrue();
        assertThat(job.hasEndTime()).isTrue();
        assertThat(job.hasSpec()).isFalse();
    }

    @Test
    void whatChangesWhileTheJobsAreReadComesAfterThemAndBeforeTheEnd() {
        for (String id : List.of("job-a", "job-b", "job-c")) {
            submit(id);
        }
        Reader reader = new Reader(Set.of());
        reader.take(2);
        queue.pause("job-a", "told before");
        queue.pause("job-b", "not told yet");
        submit("job-d");
        assertThat(reader.take(10))
                .containsExactly("job-c QUEUED 3", "job-a PAUSED 4", "job-b PAUSED 5", "job-d QUEUED 6", "SYNC_END 6");
    }

    /** Readers that stop at any message and go on by its token, beside random changes; each is compared with the jobs in the end. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void everyRevisionOnceAndInOrderWhereverAReaderStops(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 150; i++) {
            change(random, 30);
        }
        List<Reader> readers = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            readers.add(new Reader(i % 2 == 0 ? Set.of() : Set.of(JobState.PAUSED, JobState.CANCELLED)));
        }
        for (int i = 0; i < 200; i++) {
            change(random, 30);
            Reader reader = readers.get(random.nextInt(readers.size()));
            reader.take(random.nextInt(8));
            if (random.nextInt(3) == 0) {
                reader.resume();
            }
        }
        for (Reader reader : readers) {
            reader.take(Integer.MAX_VALUE);
            reader.check();
        }
    }

    @Test
    void aFilterTellsWhoComesAndWhoLeaves() {
        submit("job-a");
        submit("job-b");
        Reader reader = new Reader(Set.of(JobState.PAUSED));
        assertThat(reader.take(10)).containsExactly("SYNC_BEGIN 0", "SYNC_END 2");
        queue.pause("job-a", "why");
        submit("job-c");
        queue.resume("job-a");
        queue.cancel("job-a", "why");
        queue.delete("job-a");
        assertThat(reader.take(10)).containsExactly("job-a PAUSED 3", "job-a QUEUED 5");
        WatchJobsResponse bookmark = reader.source.bookmark();
        assertThat(bookmark.getRevision()).isEqualTo(7);
        assertThat(ResumeToken.read(bookmark.getResumeToken()).position())
                .isEqualTo(new WatchPosition(Phase.LIVE, 2, 7));
    }

    @Test
    void aTokenIsGoodAsLongAsTheChangeAfterItIsKept() {
        submit("job-a");
        Reader reader = new Reader(Set.of());
        reader.take(3);
        for (int i = 0; i < MAX_CHANGES / 2; i++) {
            queue.pause("job-a", "why");
            queue.resume("job-a");
        }
        reader.resume();
        queue.pause("job-a", "one too many");
        Refusal refusal = catchThrowableOfType(Refusal.class, reader::resume);
        assertThat(TestServer.reason(refusal.status())).isEqualTo("WATCH_COMPACTED");
        assertThat(info(refusal)).containsEntry("oldest_revision", "3");
        // An open watch that was overtaken.
        assertThat(TestServer.reason(catchThrowableOfType(Refusal.class, () -> reader.take(1))
                        .status()))
                .isEqualTo("WATCH_COMPACTED");
        assertThat(reader.all).hasSize(3);
    }

    @Test
    void aWatchThatIsOvertakenWhileItReadsTheJobsIsToldSo() {
        submit("job-a");
        submit("job-b");
        Reader reader = new Reader(Set.of());
        reader.take(2);
        for (int i = 0; i <= MAX_CHANGES / 2; i++) {
            queue.pause("job-a", "why");
            queue.resume("job-a");
        }
        Refusal refusal = catchThrowableOfType(Refusal.class, () -> reader.take(10));
        assertThat(TestServer.reason(refusal.status())).isEqualTo("WATCH_COMPACTED");
    }

    @Test
    void tokensThatAreNotOfThisWatchAreRefused() {
        submit("job-a");
        String epoch = store.extent().epoch();
        Map<String, String> refused = new TreeMap<>();
        refused.put(token(epoch, Phase.LIVE, 0, 2, Set.of()), "WATCH_FUTURE");
        refused.put(token(epoch, Phase.STANDING, 2, 0, Set.of()), "WATCH_FUTURE");
        refused.put(token("f".repeat(32), Phase.LIVE, 0, 1, Set.of()), "WATCH_OTHER_STORE");
        refused.put(token(epoch, Phase.LIVE, 0, 1, Set.of(JobState.PAUSED)), "RESUME_TOKEN_INVALID");
        refused.put("x".repeat(ResumeToken.LONGEST + 1), "RESUME_TOKEN_INVALID");
        for (String text : List.of("%%", "x", "MSAy", "MSBhIExJVkUgeCAxIA", "MSBhIExJVkUgMSAxIEJBRA")) {
            refused.put(text, "RESUME_TOKEN_INVALID");
        }
        refused.forEach((token, reason) -> {
            Refusal refusal =
                    catchThrowableOfType(Refusal.class, () -> AllJobsSource.open(queue.changeLog(), Set.of(), token));
            assertThat(TestServer.reason(refusal.status())).as(token).isEqualTo(reason);
        });
        assertThat(AllJobsSource.open(queue.changeLog(), Set.of(), token(epoch, Phase.LIVE, 0, 1, Set.of()))
                        .read()
                        .hasNext())
                .isFalse();
        assertThat(token("f".repeat(32), Phase.CATCH_UP, Long.MIN_VALUE, Long.MIN_VALUE, Set.of(JobState.values())))
                .hasSizeLessThan(ResumeToken.LONGEST);
    }

    private static String token(String epoch, Phase phase, long base, long told, Set<JobState> states) {
        return new ResumeToken(epoch, new WatchPosition(phase, base, told), states).text();
    }

    private static Map<String, String> info(Refusal refusal) {
        return TestServer.detail(refusal.status(), com.google.rpc.ErrorInfo.class)
                .getMetadataMap();
    }

    private void submit(String id) {
        queue.submit(new Submission(id, "", Opaque.EMPTY, Placement.on("cpu"), "", ""));
    }

    /** Some change of one of so many jobs. */
    private void change(Random random, int jobs) {
        String id = "job-" + random.nextInt(jobs);
        JobState state = store.find(id).map(dev.ternion.jobs.Job::state).orElse(null);
        if (state == null) {
            submit(id);
        } else if (state.isFinal()) {
            queue.delete(id);
        } else if (random.nextInt(4) == 0) {
            queue.cancel(id, "why");
        } else if (state == JobState.PAUSED) {
            queue.resume(id);
        } else {
            queue.pause(id, "why");
        }
    }

    /** A client, and what it has made of the messages. */
    private final class Reader {
        private final Set<JobState> states;
        private final List<WatchJobsResponse> all = new ArrayList<>();
        private AllJobsSource source;

        private Reader(Set<JobState> states) {
            this.states = states;
            source = AllJobsSource.open(queue.changeLog(), states, "");
        }

        private void resume() {
            String token = all.isEmpty() ? "" : all.get(all.size() - 1).getResumeToken();
            source = AllJobsSource.open(queue.changeLog(), states, token);
        }

        /** The next messages, at most so many, as text. */
        private List<String> take(int most) {
            List<String> taken = new ArrayList<>();
            for (Iterator<WatchJobsResponse> next = source.read();
                    taken.size() < most && next.hasNext();
                    next = next.hasNext() ? next : source.read()) {
                WatchJobsResponse message = next.next();
                source.sent(message);
                all.add(message);
                taken.add(text(message));
            }
            return taken;
        }

        /** Every change once and in order, and in the end the jobs as they are. */
        private void check() {
            ChangeLog.Extent extent = store.extent();
            List<Long> revisions = all.stream()
                    .filter(message -> message.hasJob() || message.hasDeleted())
                    .map(WatchJobsResponse::getRevision)
                    .toList();
            assertThat(revisions).isSorted().doesNotHaveDuplicates();
            assertThat(all)
                    .extracting(WatchJobsResponse::getEventCase)
                    .startsWith(EventCase.SYNC_BEGIN)
                    .containsOnlyOnce(EventCase.SYNC_BEGIN, EventCase.SYNC_END);
            long base = ResumeToken.read(all.get(0).getResumeToken()).position().base();
            assertThat(revisions.stream().filter(revision -> revision > base))
                    .containsExactlyElementsOf(store.changes(base, Integer.MAX_VALUE).stream()
                            .filter(change -> change.touches(states))
                            .map(dev.ternion.jobs.Change::revision)
                            .toList());
            assertThat(base).isGreaterThanOrEqualTo(extent.oldest() - 1);
            Map<String, String> view = new TreeMap<>();
            for (WatchJobsResponse message : all) {
                if (message.hasDeleted()) {
                    view.remove(message.getDeleted().getUid());
                } else if (message.hasJob()) {
                    view.put(
                            message.getJob().getUid(),
                            message.getJob().getState().name());
                }
            }
            Map<String, String> jobs = new TreeMap<>();
            store.list(states, Long.MAX_VALUE, Integer.MAX_VALUE)
                    .forEach(job -> jobs.put(job.uid(), "STATE_" + job.state()));
            view.values()
                    .removeIf(state -> !states.isEmpty()
                            && !states.contains(JobState.valueOf(state.substring("STATE_".length()))));
            assertThat(view).isEqualTo(jobs);
        }
    }

    private static String text(WatchJobsResponse message) {
        String what = switch (message.getEventCase()) {
            case JOB ->
                message.getJob().getName().replaceAll(".*/", "") + " "
                        + message.getJob().getState().name().replace("STATE_", "");
            case DELETED -> message.getDeleted().getName().replaceAll(".*/", "") + " DELETED";
            default -> message.getEventCase().name();
        };
        return what + " " + message.getRevision();
    }
}
