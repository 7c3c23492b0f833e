package dev.ternion.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Several devices, each with a queue of its own. */
class DevicesTest {
    private static final Placement CPU = Placement.on("cpu");
    private static final Placement CUDA = Placement.on("cuda:0");

    private final JobSite site = new JobSite();

    @Test
    void eachDeviceRunsOneJob() {
        site.submit("cpu-a", CPU);
        site.submit("cpu-b", CPU);
        site.submit("cuda-a", CUDA);
        site.submit("cuda-b", CUDA);
        site.runs.turn();
        assertThat(started()).containsExactlyInAnyOrder("cpu-a", "cuda-a");
        site.runs.turn();
        assertThat(started()).hasSize(2);
        FakeWorkers.Fake first = site.workers.started.get(0);
        site.runs.claim(first.jobId, first.attempt);
        site.runs.finish(first.jobId, first.attempt, new Outcome.Succeeded(Opaque.EMPTY, Opaque.EMPTY));
        site.runs.turn();
        assertThat(started()).as("its device is free when its process is gone").hasSize(2);
        first.alive = false;
        site.runs.turn();
        assertThat(site.workers.last().jobId).isEqualTo(first.jobId.equals("cpu-a") ? "cpu-b" : "cuda-b");
    }

    @Test
    void aPlaceIsOneInTheQueueOfTheDevice() {
        site.submit("cpu-a", CPU);
        site.submit("cuda-a", CUDA);
        site.submit("cuda-b", new Placement("cuda:0", 0, -1, null));
        site.submit("cuda-c", CUDA);
        assertThat(site.queue.list(Set.of(), Long.MAX_VALUE, 10))
                .extracting(Job::id, Job::position, Job::reason)
                .containsExactly(
                        tuple("cuda-c", 2, "waiting for device cuda:0: 1 job before this one"),
                        tuple("cuda-b", 3, "waiting for device cuda:0: 2 jobs before this one"),
                        tuple("cuda-a", 1, "waiting for device cuda:0: next to run"),
                        tuple("cpu-a", 1, "waiting for device cpu: next to run"));
        site.runs.turn();
        assertThat(site.queue.list(Set.of(JobState.QUEUED), Long.MAX_VALUE, 10))
                .extracting(Job::id, Job::position, Job::reason)
                .containsExactly(
                        tuple("cuda-c", 1, "waiting for device cuda:0: 1 job before this one"),
                        tuple("cuda-b", 2, "waiting for device cuda:0: 2 jobs before this one"));
        for (String id : List.of("cuda-b", "cuda-c")) {
            Job listed = site.queue.list(Set.of(), Long.MAX_VALUE, 10).stream()
                    .filter(job -> job.id().equals(id))
                    .findFirst()
                    .orElseThrow();
            assertThat(site.queue.get(id)).isEqualTo(listed);
        }
        site.submit("cpu-b", CPU);
        assertThat(site.queue.get("cpu-b").reason()).isEqualTo("waiting for device cpu: 1 job before this one");
    }

    @Test
    void aJobWaitsForMemoryAndNothingOvertakesIt() {
        site.free = 999;
        site.submit("big-a", new Placement("cpu", 1000, 0, null));
        site.submit("small-a", new Placement("cpu", 10, 0, null));
        site.runs.turn();
        assertThat(started()).isEmpty();
        assertThat(site.queue.get("big-a").reason())
                .isEqualTo("waiting for device cpu: it needs 1000 bytes of memory at the least, 999 are free");
        assertThat(site.queue.get("small-a").reason()).isEqualTo("waiting for device cpu: 1 job before this one");
        site.free = 1000;
        assertThat(site.queue.get("big-a").reason()).isEqualTo("waiting for device cpu: next to run");
        site.runs.turn();
        assertThat(started()).containsExactly("big-a");
    }

    @Test
    void aJobDoesNotStartBesideTheProcessOfAnEarlierOneOfItsId() {
        site.submit("same-id", CPU);
        FakeWorkers.Fake first = site.begin();
        first.stubborn = true;
        site.runs.finish("same-id", 1, new Outcome.Failed(new JobError("DATA_READ", "row 3", Map.of())));
        site.queue.delete("same-id");
        site.submit("same-id", CUDA);
        site.submit("cpu-a", CPU);
        site.runs.turn();
        assertThat(started())
                .as("its device is not free, and its name not its successor's")
                .containsExactly("same-id");
        first.alive = false;
        site.runs.turn();
        assertThat(started()).containsExactlyInAnyOrder("same-id", "same-id", "cpu-a");
    }

    @Test
    void aNewServerKnowsWhichDevicesAreTaken() {
        site.submit("cpu-a", CPU);
        site.submit("cuda-a", CUDA);
        site.begin();
        FakeWorkers.Fake running = site.workers.last();
        site.submit("more-a", Placement.on(running.jobId.equals("cpu-a") ? "cpu" : "cuda:0"));
        site.restart();
        site.runs.turn();
        assertThat(started()).doesNotContain("more-a");
        running.alive = false;
        site.runs.turn();
        assertThat(site.workers.last().jobId).isEqualTo(running.jobId);
    }

    private List<String> started() {
        return site.workers.started.stream().map(worker -> worker.jobId).toList();
    }
}
