package dev.ternion.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Jobs whose owner has as many devices as it may stay in the queue, and others overtake them. */
class HeldBackTest {
    private static final Outcome DONE = new Outcome.Succeeded(Opaque.EMPTY, Opaque.EMPTY);

    private final JobSite site = new JobSite();
    private final Map<String, FakeWorkers.Fake> running = new HashMap<>();

    private static Allowance jobs(int running) {
        return new Allowance(running, Allowance.ALL.deviceTime());
    }

    private void submit(String id, String device, String owner) {
        site.submit(id, Placement.on(device), owner);
    }

    /** Starts what can start; all that were started claim their jobs. */
    private List<String> turn() {
        int before = site.workers.started.size();
        site.runs.turn();
        List<FakeWorkers.Fake> fresh = site.workers.started.subList(before, site.workers.started.size());
        fresh.forEach(worker -> {
            site.runs.claim(worker.jobId, worker.attempt);
            running.put(worker.jobId, worker);
        });
        return fresh.stream().map(worker -> worker.jobId).toList();
    }

    private void end(String id) {
        site.finish(running.remove(id), DONE);
    }

    private String reason(String id) {
        return site.queue.get(id).reason();
    }

    @Test
    void othersOvertakeThemAndTheyStartWhenOneOfTheirOwnerEnds() {
        site.allowances.put("ann", jobs(1));
        submit("ann-a", "cuda:0", "ann");
        submit("ann-b", "cpu", "ann");
        submit("ben-a", "cpu", "ben");
        submit("ben-b", "cpu", "ben");
        assertThat(turn()).containsExactly("ann-a", "ben-a");
        assertThat(reason("ann-b"))
                .isEqualTo("waiting for device cpu: held back by quota running_jobs of ann: 1 of at most 1 jobs with a"
                        + " device");
        assertThat(site.queue.get("ben-b").position())
                .as("ann's does not count")
                .isEqualTo(1);
        assertThat(reason("ben-b")).isEqualTo("waiting for device cpu: 1 job before this one");
        end("ben-a");
        assertThat(turn()).containsExactly("ben-b");
        submit("ben-c", "cpu", "ben");
        end("ann-a");
        assertThat(reason("ann-b")).isEqualTo("waiting for device cpu: 1 job before this one");
        assertThat(site.queue.get("ben-c").position()).isEqualTo(2);
        assertThat(turn()).as("its device is taken").isEmpty();
        end("ben-b");
        assertThat(turn()).as("at its old place").containsExactly("ann-b");
    }

    @Test
    void asManyRunAsMay() {
        site.allowances.put("ann", jobs(2));
        for (int i = 0; i < 4; i++) {
            submit("ann-" + i, "cuda:" + i, "ann");
        }
        assertThat(turn()).containsExactly("ann-0", "ann-1");
        assertThat(reason("ann-3")).contains("2 of at most 2 jobs");
        end("ann-1");
        assertThat(reason("ann-3")).isEqualTo("waiting for device cuda:3: next to run");
        assertThat(turn()).containsExactly("ann-2");
        assertThat(turn()).isEmpty();
        site.allowances.put("ann", jobs(0));
        end("ann-0");
        end("ann-2");
        assertThat(turn()).isEmpty();
        assertThat(reason("ann-3")).contains("0 of at most 0 jobs");
    }

    @Test
    void aJobHasItsDeviceUntilItsProcessIsGone() {
        site.allowances.put("ann", jobs(1));
        submit("ann-a", "cuda:0", "ann");
        submit("ann-b", "cpu", "ann");
        assertThat(turn()).containsExactly("ann-a");
        FakeWorkers.Fake first = running.get("ann-a");
        site.runs.finish(first.jobId, first.attempt, DONE);
        assertThat(turn()).isEmpty();
        first.alive = false;
        assertThat(turn()).containsExactly("ann-b");
    }

    /** The names of the devices say "cpu" first. */
    @Test
    void ofSeveralDevicesTheOldestJobOfTheHighestPriorityComesFirst() {
        site.allowances.put("ann", jobs(1));
        submit("ann-a", "cuda:0", "ann");
        submit("ann-b", "cpu", "ann");
        site.submit("ann-c", new Placement("cuda:1", 0, 1, null), "ann");
        assertThat(turn()).containsExactly("ann-c");
        end("ann-c");
        assertThat(turn()).containsExactly("ann-a");
        end("ann-a");
        assertThat(turn()).containsExactly("ann-b");
    }

    @Test
    void aPriorityDoesNotReleaseAJobButKeepsItsPlace() {
        site.allowances.put("ann", jobs(1));
        submit("ann-a", "cuda:0", "ann");
        assertThat(turn()).containsExactly("ann-a");
        site.submit("ann-b", new Placement("cpu", 0, 100, null), "ann");
        site.submit("ben-a", new Placement("cpu", 0, -100, null), "ben");
        submit("ben-b", "cpu", "ben");
        assertThat(turn()).containsExactly("ben-b");
        end("ben-b");
        end("ann-a");
        assertThat(turn()).containsExactly("ann-b");
    }

    @Test
    void aJobThatLacksMemoryIsOvertakenOnlyWhileItIsHeldBack() {
        site.allowances.put("ann", jobs(1));
        site.free = 999;
        site.submit("ann-big", new Placement("cpu", 1000, 0, null), "ann");
        submit("ben-a", "cpu", "ben");
        assertThat(turn()).isEmpty();
        submit("ann-a", "cuda:0", "ann");
        assertThat(turn()).containsExactly("ann-a");
        assertThat(turn()).as("in the next turn, at the latest").containsExactly("ben-a");
    }

    @Test
    void aNewServerHoldsThemBackToo() {
        site.allowances.put("ann", jobs(1));
        submit("ann-a", "cuda:0", "ann");
        assertThat(turn()).containsExactly("ann-a");
        submit("ann-b", "cpu", "ann");
        site.restart();
        assertThat(turn()).isEmpty();
        assertThat(reason("ann-b")).contains("held back by quota running_jobs");
        end("ann-a");
        assertThat(turn()).containsExactly("ann-b");
    }

    @Test
    void aLostJobGivesItsDeviceBackAndWaitsInTurn() {
        site.allowances.put("ann", jobs(1));
        submit("ann-a", "cuda:0", "ann");
        submit("ann-b", "cpu", "ann");
        assertThat(turn()).containsExactly("ann-a");
        running.get("ann-a").alive = false;
        assertThat(turn()).as("the older one, again").containsExactly("ann-a");
    }

    @Test
    void jobsOfNobodyAreCountedForEachOther() {
        site.allowances.put("", jobs(1));
        site.submit("old-a", Placement.on("cpu"));
        site.submit("old-b", Placement.on("cuda:0"));
        assertThat(turn()).containsExactly("old-a");
    }

    /** Random jobs, devices and ends, against the rule: while it can be done, the first of all that may start starts. */
    @Test
    void whatStartsIsTheFirstThatMay() {
        Random random = new Random(20261128);
        List<String> owners = List.of("ann", "ben", "cid");
        site.allowances.putAll(Map.of("ann", jobs(1), "ben", jobs(2)));
        Map<String, Job> underWay = new HashMap<>();
        TreeSet<Job> waiting = new TreeSet<>((one, other) -> Rank.of(one).compareTo(Rank.of(other)));
        int held = 0;
        for (int i = 0; i < 2000; i++) {
            if (waiting.size() < 40) {
                String id = "job-" + i;
                Placement placement = new Placement("cuda:" + random.nextInt(5), 0, random.nextInt(3) - 1, null);
                site.submit(id, placement, owners.get(random.nextInt(3)));
                waiting.add(site.store.find(id).orElseThrow());
            }
            List<String> expected = new ArrayList<>();
            for (Job next = next(waiting, underWay); next != null; next = next(waiting, underWay)) {
                waiting.remove(next);
                underWay.put(next.id(), next);
                expected.add(next.id());
            }
            assertThat(turn()).as("turn %d", i).isEqualTo(expected);
            held += (int) waiting.stream()
                    .filter(job -> underWay.values().stream()
                            .noneMatch(other -> device(other).equals(device(job))))
                    .count();
            for (String id : List.copyOf(underWay.keySet())) {
                if (random.nextInt(4) == 0) {
                    underWay.remove(id);
                    end(id);
                }
            }
        }
        assertThat(held).as("jobs that a free device has not got").isGreaterThan(100);
    }

    private Job next(TreeSet<Job> waiting, Map<String, Job> underWay) {
        return waiting.stream()
                .filter(job -> underWay.values().stream()
                        .noneMatch(other -> device(other).equals(device(job))))
                .filter(job -> with(underWay, job)
                        < site.allowances
                                .getOrDefault(job.origin().owner(), Allowance.ALL)
                                .running())
                .findFirst()
                .orElse(null);
    }

    private static long with(Map<String, Job> underWay, Job job) {
        Stream<Job> all = underWay.values().stream();
        return all.filter(other ->
                        Objects.equals(other.origin().owner(), job.origin().owner()))
                .count();
    }

    private static String device(Job job) {
        return job.placement().device();
    }
}
