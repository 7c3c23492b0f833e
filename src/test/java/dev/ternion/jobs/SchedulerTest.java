package dev.ternion.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** R-16 without its disk: ten thousand jobs on 64 simulated devices. */
class SchedulerTest {
    private static final int JOBS = 10_000;
    private static final int DEVICES = 64;
    private static final double ADMISSIONS_PER_SECOND = 100;

    /** By which a job may run before another on the same device. */
    private static final Comparator<Job> ORDER =
            Comparator.comparingInt(Job::priority).reversed().thenComparingLong(Job::number);

    private final Random random = new Random(20261128);
    private final JobSite site = new JobSite();
    /** What waits, by device, as the test knows it. */
    private final Map<String, PriorityQueue<Job>> waiting = new HashMap<>();

    private int seen;

    @Test
    void everyAdmissionIsOfTheFirstThatWaitsForAFreeDevice() {
        for (int i = 0; i < JOBS; i++) {
            add(i);
        }
        List<FakeWorkers.Fake> running = new ArrayList<>();
        long turning = 0;
        while (!waiting.isEmpty() || !running.isEmpty()) {
            long begin = System.nanoTime();
            site.runs.turn();
            turning += System.nanoTime() - begin;
            admit(running);
            List<FakeWorkers.Fake> still = new ArrayList<>();
            for (FakeWorkers.Fake worker : running) {
                if (random.nextInt(3) == 0) {
                    end(worker);
                } else {
                    still.add(worker);
                }
            }
            running = still;
        }
        site.runs.turn();
        assertThat(site.store.count(JobState.SUCCEEDED) + site.store.count(JobState.FAILED))
                .isEqualTo(JOBS);
        double rate = site.workers.started.size() / (turning / 1e9);
        assertThat(rate).as("admissions a second").isGreaterThan(ADMISSIONS_PER_SECOND);
    }

    private void add(int i) {
        Placement placement = new Placement("device:" + random.nextInt(DEVICES), 0, random.nextInt(5) - 2, null);
        Submission submission = new Submission("job-" + i, "", Opaque.EMPTY, placement, "", "");
        Job job = Job.queued("job-" + i, "uid-" + i, submission, site.clock.instant());
        waits(site.store.insert(job, new JobEvent.StateChanged(null, JobState.QUEUED, "waiting", null)));
    }

    private void waits(Job job) {
        waiting.computeIfAbsent(job.placement().device(), device -> new PriorityQueue<>(ORDER))
                .add(job);
    }

    /** Each new worker is of the first job of a device that no other worker has; no device that is wanted stays free. */
    private void admit(List<FakeWorkers.Fake> running) {
        Map<String, String> taken = new HashMap<>();
        running.forEach(worker -> taken.put(device(worker), worker.jobId));
        List<FakeWorkers.Fake> all = site.workers.started;
        for (FakeWorkers.Fake worker : all.subList(seen, all.size())) {
            String device = device(worker);
            assertThat(taken.put(device, worker.jobId)).as(device).isNull();
            PriorityQueue<Job> queue = waiting.get(device);
            assertThat(queue.poll().id()).isEqualTo(worker.jobId);
            if (queue.isEmpty()) {
                waiting.remove(device);
            }
            site.runs.claim(worker.jobId, worker.attempt);
            running.add(worker);
        }
        seen = all.size();
        assertThat(taken.keySet()).containsAll(waiting.keySet());
    }

    /** It succeeds, or is lost and waits at its old place. */
    private void end(FakeWorkers.Fake worker) {
        worker.alive = false;
        if (random.nextInt(8) == 0) {
            Job lost = job(worker);
            if (lost.runs().counted() < JobRuns.MAX_ATTEMPTS) {
                waits(lost);
            }
        } else {
            site.runs.finish(worker.jobId, worker.attempt, new Outcome.Succeeded(Opaque.EMPTY, Opaque.EMPTY));
        }
    }

    private String device(FakeWorkers.Fake worker) {
        return job(worker).placement().device();
    }

    private Job job(FakeWorkers.Fake worker) {
        return site.store.find(worker.jobId).orElseThrow();
    }
}
