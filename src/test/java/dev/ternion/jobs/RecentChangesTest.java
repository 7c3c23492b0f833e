package dev.ternion.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RecentChangesTest {
    private final InMemoryJobStore store = new InMemoryJobStore(10, 100, 300);
    private final JobQueue queue = new JobQueue(new JobChanges(store, Clock.systemUTC()), UUID::randomUUID, 10);

    @Test
    void answersAsTheLogDoes() {
        queue.submit(new Submission("job-a", "", Opaque.EMPTY, Placement.on("cpu"), "", ""));
        Random random = new Random(1);
        for (int i = 0; i < 2000; i++) {
            if (i % 2 == 0) {
                queue.pause("job-a", "why");
            } else {
                queue.resume("job-a");
            }
            if (random.nextInt(4) == 0) {
                ChangeLog.Extent extent = store.extent();
                long after = Math.max(extent.oldest() - 1, extent.newest() - random.nextInt(i % 2 == 0 ? 10 : 300));
                assertThat(queue.changeLog().changes(after, 7)).isEqualTo(store.changes(after, 7));
            }
            if (i == 101) {
                // Nobody looks for longer than the log keeps.
                for (int j = 0; j < 200; j++) {
                    queue.pause("job-a", "why");
                    queue.resume("job-a");
                }
            }
        }
        assertThat(queue.changeLog().changes(store.extent().newest(), 7)).isEmpty();
        assertThat(queue.changeLog().extent()).isEqualTo(store.extent());
    }

    @Test
    void theLogIsReadOnceForAll() {
        AtomicInteger reads = new AtomicInteger();
        RecentChanges recent = new RecentChanges(new ChangeLog() {
            @Override
            public List<Change> changes(long after, int limit) {
                reads.incrementAndGet();
                return store.changes(after, limit);
            }

            @Override
            public List<Change> standing(Set<JobState> states, long after, long upTo, int limit) {
                return store.standing(states, after, upTo, limit);
            }

            @Override
            public Extent extent() {
                return store.extent();
            }
        });
        assertThat(recent.changes(0, 1)).isEmpty();
        queue.submit(new Submission("job-a", "", Opaque.EMPTY, Placement.on("cpu"), "", ""));
        recent.stale();
        for (int reader = 0; reader < 200; reader++) {
            assertThat(recent.changes(0, 10)).hasSize(1);
            assertThat(recent.changes(1, 10)).isEmpty();
        }
        assertThat(reads).hasValue(2);
    }
}
