package dev.ternion.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.jobs.ChangeLog;
import dev.ternion.jobs.InMemoryJobStore;
import dev.ternion.jobs.Job;
import dev.ternion.jobs.JobError;
import dev.ternion.jobs.JobEvent;
import dev.ternion.jobs.JobException;
import dev.ternion.jobs.JobState;
import dev.ternion.jobs.JobStore;
import dev.ternion.jobs.Opaque;
import dev.ternion.jobs.Origin;
import dev.ternion.jobs.Placement;
import dev.ternion.jobs.Report;
import dev.ternion.jobs.Runs;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;

/** Random calls on a store and on the one in memory, whose answers must be the same. */
final class StoreModel {
    static final int MAX_JOBS = 6;
    static final int MAX_EVENTS = 40;
    static final int MAX_CHANGES = 150;
    private static final int IDS = 9;
    /** From one attempt's number to the next, so that earlier ones are forgotten. */
    private static final int[] STEPS = {1, JobStore.ATTEMPTS_KEPT / 2, JobStore.ATTEMPTS_KEPT - 1};

    private final JobStore oracle = new InMemoryJobStore(MAX_JOBS, MAX_EVENTS, MAX_CHANGES);
    private final Random random;
    private long newest;
    private final List<String> requests = new ArrayList<>();
    private final Map<String, Long> told = new HashMap<>();
    private long clock = 1_900_000_000_123_456_789L;

    StoreModel(long seed) {
        random = new Random(seed);
    }

    /** Changes both, and compares what the call says. */
    void change(JobStore store, int calls) {
        for (int i = 0; i < calls; i++) {
            clock += 1 + random.nextInt(1_000_000_000) * 600L;
            Instant now = Instant.ofEpochSecond(0, clock);
            String id = "job-" + random.nextInt(IDS);
            Function<JobStore, Object> call = switch (random.nextInt(11)) {
                case 0 -> insert(id, now);
                case 1, 2, 3 -> update(id, now);
                case 4 ->
                    s -> {
                        if (oracle.find(id).map(j -> j.state().isFinal()).orElse(true)) {
                            s.delete(id);
                            told.keySet().removeIf(key -> key.startsWith(id + "/"));
                        }
                        return "";
                    };
                case 5 -> active(id, now);
                default -> append(id, now);
            };
            // The oracle comes last: what a call looks up in it must be the same for both.
            Object seen = answer(call, store);
            assertThat(seen).as("call %d on %s", i, id).isEqualTo(answer(call, oracle));
        }
    }

    private static Object answer(Function<JobStore, Object> call, JobStore store) {
        try {
            return call.apply(store);
        } catch (JobException e) {
            return e.problem() + " " + e.getMessage() + e.details();
        } catch (IllegalStateException e) {
            return "refused";
        }
    }

    private Function<JobStore, Object> insert(String id, Instant now) {
        boolean idempotent = random.nextBoolean();
        String uid = "00000000-0000-0000-0000-" + String.format("%012d", clock % 1_000_000_000_000L);
        requests.add(uid);
        Job job = new Job(
                id,
                uid,
                0,
                "näme of " + id,
                Opaque.of(new byte[] {1, 0, -1, (byte) random.nextInt()}),
                new Placement(
                        "device-" + random.nextInt(2),
                        random.nextInt(1000),
                        random.nextInt(3) - 1,
                        random.nextBoolean() ? null : Duration.ofNanos(1 + random.nextInt(1000))),
                idempotent ? uid : "",
                "print " + random.nextInt(),
                new Origin(random.nextInt(4) == 0 ? "" : "owner-" + random.nextInt(3), "trace-" + random.nextInt(3)),
                JobState.QUEUED,
                "waiting",
                0,
                Runs.NONE,
                now,
                null,
                null,
                null,
                null,
                1);
        return s -> s.insert(job, new JobEvent.StateChanged(null, JobState.QUEUED, "waiting", null));
    }

    /** The next revision, or one that must be refused. */
    private Function<JobStore, Object> update(String id, Instant now) {
        Job job = oracle.find(id).orElse(null);
        if (job == null) {
            return append(id, now);
        }
        Runs runs = runs(job.runs());
        JobState next = runs.worker().isEmpty() && random.nextBoolean()
                ? JobState.STARTING
                : JobState.values()[random.nextInt(JobState.values().length)];
        JobError error =
                next == JobState.FAILED ? new JobError("DATA_READ", "a \"message\"", Map.of("row", "3")) : null;
        long revision = job.revision() + (random.nextInt(8) == 0 ? random.nextInt(3) : 1);
        Job changed = new Job(
                job.id(),
                job.uid(),
                job.number(),
                job.displayName(),
                job.spec(),
                job.placement(),
                job.requestId(),
                job.fingerprint(),
                job.origin(),
                next,
                "because " + revision,
                0,
                runs,
                job.created(),
                now,
                next.isFinal() ? now : null,
                error,
                random.nextBoolean() ? Opaque.of(new byte[] {9, 8}) : null,
                revision);
        JobEvent.Body change = new JobEvent.StateChanged(job.state(), next, "because", error);
        List<JobEvent.Body> events = random.nextInt(4) == 0 ? List.of(recorded(), change) : List.of(change);
        return s -> {
            s.update(changed, events, now);
            return "";
        };
    }

    private Function<JobStore, Object> active(String id, Instant now) {
        int attempt = oracle.find(id).map(job -> job.runs().newest()).orElse(0) - (random.nextInt(4) == 0 ? 1 : 0);
        Duration time = Duration.ofNanos(random.nextInt(Integer.MAX_VALUE));
        return s -> {
            s.active(id, attempt, time, now);
            return "";
        };
    }

    private Runs runs(Runs before) {
        return random.nextInt(3) == 0
                ? new Runs(
                        before.counted() + 1,
                        before.newest() + STEPS[random.nextInt(STEPS.length)],
                        "",
                        before.active())
                : new Runs(
                        before.counted(),
                        before.newest(),
                        "process-" + random.nextInt(100),
                        Duration.ofNanos(random.nextInt(1 << 30)));
    }

    private JobEvent.Recorded recorded() {
        JobEvent.Kind kind = JobEvent.Kind.values()[random.nextInt(3) == 0 ? random.nextInt(5) : 0];
        return new JobEvent.Recorded(kind, Opaque.of(new byte[random.nextInt(5)]));
    }

    /** What comes next of an attempt, with some that came before; or what must be refused: another attempt, or a gap. */
    private Function<JobStore, Object> append(String id, Instant now) {
        Runs runs = oracle.find(id).map(Job::runs).orElse(Runs.NONE);
        int attempt = runs.newest() - (random.nextInt(8) == 0 ? 1 : 0);
        long last = told.getOrDefault(id + "/" + attempt, 0L);
        int again = random.nextInt(4) == 0 ? (int) Math.min(last, random.nextInt(5)) : 0;
        long first = last + 1 - again + (random.nextInt(16) == 0 ? 1 : 0);
        List<Report> reports = new ArrayList<>();
        for (int i = 0; i < again + random.nextInt(3); i++) {
            reports.add(new Report(now, recorded()));
        }
        return s -> {
            boolean taken = s.record(id, attempt, first, reports);
            if (taken && s == oracle) {
                told.merge(id + "/" + attempt, first + reports.size() - 1, Math::max);
            }
            return taken;
        };
    }

    /** Compares everything that can be read. */
    void compare(JobStore store) {
        compareChanges(store);
        List<Job> all = oracle.list(Set.of(), Long.MAX_VALUE, 100);
        assertThat(store.list(Set.of(), Long.MAX_VALUE, 100)).isEqualTo(all);
        assertThat(store.list(Set.of(), Long.MAX_VALUE, 2)).isEqualTo(oracle.list(Set.of(), Long.MAX_VALUE, 2));
        Set<JobState> some = Set.of(JobState.FAILED, JobState.QUEUED);
        assertThat(store.list(some, Long.MAX_VALUE, 100)).isEqualTo(oracle.list(some, Long.MAX_VALUE, 100));
        for (JobState state : JobState.values()) {
            assertThat(store.count(state)).isEqualTo(oracle.count(state));
        }
        for (int i = 0; i < 4; i++) {
            String owner = i == 3 ? "" : "owner-" + i;
            assertThat(store.deviceTime(owner)).as(owner).isEqualTo(oracle.deviceTime(owner));
        }
        for (Job job : all) {
            assertThat(store.numbered(job.number())).contains(job);
            assertThat(store.numbered(job.number() + 1)).isEqualTo(oracle.numbered(job.number() + 1));
            assertThat(store.list(Set.of(), job.number(), 3)).isEqualTo(oracle.list(Set.of(), job.number(), 3));
        }
        for (String request : requests) {
            assertThat(store.findByRequest(request)).as(request).isEqualTo(oracle.findByRequest(request));
        }
        for (int i = 0; i < IDS; i++) {
            String id = "job-" + i;
            assertThat(store.find(id)).isEqualTo(oracle.find(id));
            assertThat(store.lastSequence(id)).isEqualTo(oracle.lastSequence(id));
            assertThat(store.events(id, 1, 1000)).isEqualTo(oracle.events(id, 1, 1000));
            assertThat(store.attempts(id)).isEqualTo(oracle.attempts(id));
            long middle = oracle.lastSequence(id) / 2;
            assertThat(store.events(id, middle, 3)).isEqualTo(oracle.events(id, middle, 3));
            for (JobEvent.Kind kind : JobEvent.Kind.values()) {
                assertThat(store.latest(id, kind)).isEqualTo(oracle.latest(id, kind));
            }
        }
    }

    private void compareChanges(JobStore store) {
        ChangeLog.Extent extent = store.extent();
        assertThat(extent.newest()).isEqualTo(oracle.extent().newest()).isGreaterThanOrEqualTo(newest);
        assertThat(extent.oldest()).isEqualTo(oracle.extent().oldest());
        assertThat(extent.epoch()).hasSize(32);
        newest = extent.newest();
        long middle = (extent.oldest() + newest) / 2;
        for (long after : List.of(0L, extent.oldest() - 1, middle, newest - 1, newest)) {
            assertThat(store.changes(after, 1000)).isEqualTo(oracle.changes(after, 1000));
            assertThat(store.changes(after, 3)).isEqualTo(oracle.changes(after, 3));
        }
        for (Set<JobState> states : List.of(Set.<JobState>of(), Set.of(JobState.FAILED, JobState.QUEUED))) {
            assertThat(store.standing(states, 0, newest, 100)).isEqualTo(oracle.standing(states, 0, newest, 100));
            assertThat(store.standing(states, middle, newest - 1, 2))
                    .isEqualTo(oracle.standing(states, middle, newest - 1, 2));
        }
    }
}
