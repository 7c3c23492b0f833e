package dev.ternion.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.jobs.FakeWorkers;
import dev.ternion.jobs.JobChanges;
import dev.ternion.jobs.JobQueue;
import dev.ternion.jobs.JobRuns;
import dev.ternion.jobs.Opaque;
import dev.ternion.jobs.Outcome;
import dev.ternion.jobs.Placement;
import dev.ternion.jobs.Submission;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** R-16 on a disk: each admission is three commits, to STARTING, to RUNNING and to the end. */
class AdmissionsIT {
    private static final int JOBS = 10_000;
    private static final int DEVICES = 64;
    private static final int ADMISSIONS = 2000;

    @TempDir
    Path folder;

    /** {@code ./mvnw test -Dtest=AdmissionsIT -Dternion.load=full} */
    @Test
    @EnabledIfSystemProperty(named = "ternion.load", matches = "full")
    void aHundredASecondOfTenThousandOnSixtyFourDevices() throws Exception {
        Random random = new Random(20261128);
        try (JobDatabase database = JobDatabase.inFolder(folder, fault -> {})) {
            JobChanges changes = new JobChanges(database.store(), Clock.systemUTC());
            JobQueue queue = new JobQueue(changes, UUID::randomUUID, JOBS);
            for (int i = 0; i < JOBS; i++) {
                Placement placement =
                        new Placement("device:" + random.nextInt(DEVICES), 0, random.nextInt(5) - 2, null);
                queue.submit(new Submission("job-" + i, "", Opaque.of(new byte[300]), placement, "", ""));
            }
            FakeWorkers workers = new FakeWorkers();
            JobRuns runs = new JobRuns(changes, workers, System::nanoTime, id -> {});
            long begin = System.nanoTime();
            int seen = 0;
            while (seen < ADMISSIONS) {
                runs.turn();
                List<FakeWorkers.Fake> fresh = workers.started.subList(seen, workers.started.size());
                seen += fresh.size();
                for (FakeWorkers.Fake worker : fresh) {
                    runs.claim(worker.jobId, worker.attempt);
                    runs.finish(worker.jobId, worker.attempt, new Outcome.Succeeded(Opaque.EMPTY, Opaque.EMPTY));
                    worker.alive = false;
                }
            }
            double rate = seen / ((System.nanoTime() - begin) / 1e9);
            System.out.printf("%d admissions: %.0f a second%n", seen, rate);
            assertThat(rate).isGreaterThan(100);
        }
    }
}
