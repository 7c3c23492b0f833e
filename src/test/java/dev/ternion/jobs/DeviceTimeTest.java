package dev.ternion.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Time with devices: counted by owner, for a day; whose is used up waits. */
class DeviceTimeTest {
    private static final Outcome DONE = new Outcome.Succeeded(Opaque.EMPTY, Opaque.EMPTY);
    private static final Duration MS = Duration.ofMillis(1);
    private static final Duration HOUR = Duration.ofHours(1);

    /** Begins at midnight. */
    private final JobSite site = new JobSite();

    private void submit(String id, String owner) {
        site.submit(id, Placement.on("cpu"), owner);
    }

    private void allow(Duration time) {
        site.allowances.put("ann", new Allowance(Allowance.ALL.running(), time));
    }

    private Duration had(String owner) {
        return site.queue.deviceTime(owner).total();
    }

    /** A job that has the device for so long, with turns of the server on the way. */
    private void run(String id, Duration time) {
        submit(id, "ann");
        FakeWorkers.Fake worker = site.begin();
        assertThat(worker.jobId).isEqualTo(id);
        pass(worker, time);
        site.finish(worker, DONE);
        site.runs.turn();
    }

    private void pass(FakeWorkers.Fake worker, Duration time) {
        Duration left = time;
        Duration step = Duration.ofSeconds(7);
        while (left.compareTo(step) > 0) {
            site.pass(step);
            site.runs.report(worker.jobId, worker.attempt, 1, List.of());
            site.runs.turn();
            left = left.minus(step);
        }
        site.pass(left);
    }

    @Test
    void itIsHeldBackAtTheLimitAndNotBelow() {
        allow(HOUR);
        run("ann-a", HOUR.minus(MS));
        assertThat(had("ann")).isEqualTo(HOUR.minus(MS));
        run("ann-b", MS);
        assertThat(had("ann")).isEqualTo(HOUR);
        submit("ann-c", "ann");
        submit("ben-a", "ben");
        submit("ben-b", "ben");
        assertThat(site.queue.get("ann-c").reason())
                .isEqualTo("waiting for device cpu: held back by quota device_seconds of ann: 3600 of at most 3600"
                        + " seconds in the last 24 hours, until 2030-01-02T00:00:00Z");
        assertThat(site.queue.get("ben-b").position()).isEqualTo(2);
        assertThat(site.begin().jobId).as("others overtake it").isEqualTo("ben-a");
        assertThat(had("ben")).isZero();
    }

    @Test
    void itStartsWhenAnHourOfADayAgoNoLongerCounts() {
        allow(HOUR);
        run("ann-a", HOUR);
        submit("ann-b", "ann");
        // Its last seconds were noted in the second hour; they count for longer and are below the limit.
        site.pass(Duration.ofHours(23).minus(MS));
        site.runs.turn();
        assertThat(site.queue.get("ann-b").state()).isEqualTo(JobState.QUEUED);
        site.pass(MS);
        assertThat(site.begin().jobId).isEqualTo("ann-b");
    }

    @Test
    void ofAJobThatRunsAllButTheLastTenSecondsCounts() {
        submit("ann-a", "ann");
        FakeWorkers.Fake worker = site.begin();
        pass(worker, Duration.ofSeconds(100));
        assertThat(had("ann")).isBetween(Duration.ofSeconds(90), Duration.ofSeconds(100));
        submit("ann-b", "ann");
        allow(Duration.ofSeconds(90));
        assertThat(site.queue.get("ann-b").reason()).contains("held back by quota device_seconds of ann");
        assertThat(site.queue.get("ann-a").state()).as("it is not stopped").isEqualTo(JobState.RUNNING);
    }

    @Test
    void itCountsWhenItsJobIsGoneAndInANewServer() {
        run("ann-a", HOUR);
        site.queue.delete("ann-a");
        assertThat(had("ann")).isEqualTo(HOUR);
        site.restart();
        assertThat(had("ann")).isEqualTo(HOUR);
        allow(HOUR);
        submit("ann-b", "ann");
        assertThat(site.queue.get("ann-b").reason()).contains("held back by quota device_seconds");
    }

    @Test
    void whatAWorkerHadWithoutAServerCounts() {
        submit("ann-a", "ann");
        FakeWorkers.Fake worker = site.begin();
        site.restart();
        site.pass(MS);
        site.runs.active("ann-a", worker.attempt, HOUR);
        site.finish(worker, DONE);
        assertThat(had("ann")).isEqualTo(HOUR);
    }

    @Test
    void hoursCountForADay() {
        DeviceTime time = DeviceTime.within(100, Map.of(76L, HOUR, 77L, MS, 99L, HOUR, 100L, MS, 101L, HOUR));
        assertThat(time.hours().keySet()).containsExactly(77L, 99L, 100L);
        assertThat(time.total()).isEqualTo(HOUR.plus(MS).plus(MS));
        assertThat(time.below(HOUR)).contains(Instant.ofEpochSecond((99 + 24) * 3600));
        assertThat(time.below(HOUR.plus(MS)))
                .as("at the limit is not below it")
                .contains(Instant.ofEpochSecond((99 + 24) * 3600));
        assertThat(time.below(HOUR.plus(MS).plus(MS))).contains(Instant.ofEpochSecond((77 + 24) * 3600));
        assertThat(time.below(Duration.ZERO)).isEmpty();
    }
}
