package dev.ternion.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Places in the queues against a count over all jobs. */
class DeviceQueuesTest {
    private static final List<String> OWNERS = List.of("", "ann", "ben");
    private static final List<String> DEVICES = List.of("cpu", "cuda:0", "cuda:1");

    private final InMemoryJobStore store = new InMemoryJobStore(300, 16);
    private final Random random = new Random(20261128);
    private final AtomicInteger reads = new AtomicInteger();
    private int held;
    private boolean failing;
    private final JobChanges changes = new JobChanges(unsteady(), Clock.fixed(Instant.EPOCH, ZoneOffset.UTC));
    private final JobQueue queue = new JobQueue(changes, UUID::randomUUID, 1000);
    private final FakeWorkers workers = new FakeWorkers();
    private final JobRuns runs = new JobRuns(changes, workers, () -> 0, id -> {});

    @Test
    void placesAreThoseOfACountOverAllJobs() {
        changes.allow(owner -> owner.equals("ann") ? new Allowance(1, Allowance.ALL.deviceTime()) : Allowance.ALL);
        for (int i = 0; i < 1500; i++) {
            step(i);
            if (i % 10 == 0) {
                compare();
            }
        }
        assertThat(store.count(JobState.QUEUED)).isGreaterThan(20);
        assertThat(store.list(JobState.UNDER_WAY, Long.MAX_VALUE, 10)).isNotEmpty();
        assertThat(held).isGreaterThan(100);
    }

    @Test
    void theStoreIsReadOnceAndNotAtEveryNewJob() {
        for (int i = 0; i < 100; i++) {
            submit("job-" + i, "cpu", 0);
        }
        queue.list(Set.of(), Long.MAX_VALUE, 50);
        runs.turn();
        assertThat(reads).hasValue(1);
    }

    @Test
    void norAtOneThatTheStoreRefuses() {
        for (int i = 0; i < 300; i++) {
            submit("job-" + i, "cpu", 0);
        }
        for (int i = 300; i < 310; i++) {
            String id = "job-" + i;
            assertThatThrownBy(() -> submit(id, "cpu", 0)).isInstanceOf(JobException.class);
        }
        assertThat(changes.queues().waiting()).isEqualTo(300);
        assertThat(reads).hasValue(1);
    }

    @Test
    void aChangeThatFailedButHappenedIsFollowed() {
        submit("job-a", "cpu", 0);
        failing = true;
        assertThatThrownBy(() -> submit("job-b", "cpu", 0)).hasMessage("time-out");
        assertThatThrownBy(() -> queue.cancel("job-a", "why")).hasMessage("time-out");
        failing = false;
        assertThat(submit("job-c", "cpu", 0).reason()).isEqualTo("waiting for device cpu: 1 job before this one");
        compare();
    }

    @Test
    void theFirstEventOfAJobTellsThoseBeforeIt() {
        submit("job-a", "cpu", 0);
        submit("job-b", "cpu", 1);
        submit("job-c", "cpu", 0);
        assertThat(firstReason("job-a")).endsWith("next to run");
        assertThat(firstReason("job-b")).endsWith("next to run");
        assertThat(firstReason("job-c")).endsWith("2 jobs before this one");
    }

    private String firstReason(String id) {
        return ((JobEvent.StateChanged) queue.events(id, 1, 1).get(0).body()).reason();
    }

    private void step(int i) {
        List<Job> all = store.list(Set.of(), Long.MAX_VALUE, Integer.MAX_VALUE);
        int draw = random.nextInt(100);
        Job job = all.isEmpty() ? null : all.get(random.nextInt(all.size()));
        try {
            if (all.size() < 30 || draw < 30) {
                submit("job-" + i, DEVICES.get(random.nextInt(3)), random.nextInt(5) - 2);
            } else if (draw < 45) {
                queue.cancel(job.id(), "why");
            } else if (draw < 55) {
                queue.pause(job.id(), "why");
            } else if (draw < 70) {
                queue.resume(job.id());
            } else if (draw < 75) {
                queue.delete(job.id());
            } else if (draw < 90) {
                runs.turn();
            } else if (draw < 95) {
                runs.claim(job.id(), job.runs().newest());
            } else if (job.state() == JobState.RUNNING) {
                runs.finish(job.id(), job.runs().newest(), new Outcome.Succeeded(Opaque.EMPTY, Opaque.EMPTY));
                workers.started.forEach(worker -> worker.alive &= !worker.jobId.equals(job.id()));
            }
        } catch (JobException | AttemptOver e) {
            // Not everything fits every state.
        }
    }

    private Job submit(String id, String device, int priority) {
        Origin origin = new Origin(OWNERS.get(Math.floorMod(id.hashCode(), OWNERS.size())), "");
        return queue.submit(
                new Submission(id, "", Opaque.EMPTY, new Placement(device, 0, priority, null), "", "", origin));
    }

    private void compare() {
        List<Job> all = store.list(Set.of(), Long.MAX_VALUE, Integer.MAX_VALUE);
        List<Job> placed = queue.list(Set.of(), Long.MAX_VALUE, Integer.MAX_VALUE);
        assertThat(placed).hasSameSizeAs(all);
        Set<String> awaited = new TreeSet<>();
        for (int i = 0; i < all.size(); i++) {
            Job job = all.get(i);
            if (job.state() != JobState.QUEUED) {
                assertThat(placed.get(i)).isEqualTo(job);
                continue;
            }
            String device = job.placement().device();
            awaited.add(device);
            String owner = job.origin().owner();
            long ahead = on(all, device)
                    .filter(other -> other.state() == JobState.QUEUED)
                    .filter(other -> other.origin().owner().equals(owner) || !isHeld(all, other))
                    .filter(other -> other.priority() > job.priority()
                            || other.priority() == job.priority() && other.number() < job.number())
                    .count();
            boolean taken = on(all, device).anyMatch(other -> other.state().isUnderWay());
            assertThat(changes.queues().ahead(job, other -> isHeld(all, other)))
                    .as(job.id())
                    .isEqualTo((int) ahead);
            long before = ahead + (taken ? 1 : 0);
            String place = before == 0 ? "next to run" : before == 1 ? "1 job before" : before + " jobs before";
            assertThat(placed.get(i).reason())
                    .as(job.id())
                    .contains(": " + (isHeld(all, owner) ? "held back by quota running_jobs of ann" : place));
            held += isHeld(all, owner) ? 1 : 0;
            assertThat(placed.get(i))
                    .isEqualTo(job.placed((int) ahead + 1, placed.get(i).reason()));
        }
        assertThat(changes.queues().awaited()).isEqualTo(awaited);
        for (String owner : OWNERS) {
            assertThat(queue.waiting(owner)).as(owner).isEqualTo((int) all.stream()
                    .filter(job -> job.state() == JobState.QUEUED
                            && job.origin().owner().equals(owner))
                    .count());
        }
        assertThat(changes.queues().waiting()).isEqualTo(store.count(JobState.QUEUED));
    }

    private static boolean isHeld(List<Job> all, Job job) {
        return isHeld(all, job.origin().owner());
    }

    private static boolean isHeld(List<Job> all, String owner) {
        return owner.equals("ann")
                && all.stream()
                        .anyMatch(job ->
                                job.state().isUnderWay() && job.origin().owner().equals(owner));
    }

    private static Stream<Job> on(List<Job> all, String device) {
        return new ArrayList<>(all)
                .stream().filter(job -> job.placement().device().equals(device));
    }

    /** A store whose changes happen, but seem to fail while {@link #failing}; counts reads of all that stands. */
    private JobStore unsteady() {
        return (JobStore) Proxy.newProxyInstance(
                JobStore.class.getClassLoader(), new Class<?>[] {JobStore.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("standing")) {
                        reads.incrementAndGet();
                    }
                    Object result;
                    try {
                        result = method.invoke(store, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                    if (failing && List.of("insert", "update").contains(method.getName())) {
                        throw new IllegalStateException("time-out");
                    }
                    return result;
                });
    }
}
