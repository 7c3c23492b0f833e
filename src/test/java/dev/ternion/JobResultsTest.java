package dev.ternion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ternion.api.v1.JobSpec;
import dev.ternion.jobs.Job;
import dev.ternion.jobs.JobState;
import dev.ternion.jobs.Results.Stage;
import dev.ternion.objects.ObjectsUnavailable;
import dev.ternion.recipe.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a job has made is copied before the job is done, by no thread that waits. */
@Timeout(60)
class JobResultsTest {
    @TempDir
    Path root;

    private final FakeCopies copies = new FakeCopies();
    private final Job job = job("job-a", "taught");

    @BeforeEach
    void make() throws IOException {
        Files.createDirectories(root.resolve("models/taught"));
    }

    private static Job job(String id, String output) {
        JobSpec.Builder spec = KilledServerIT.fineTune(1).toBuilder();
        spec.getFineTuneBuilder().setOutputModel(output);
        return TestJobs.job(id, spec.build(), JobState.RUNNING);
    }

    private JobResults results(Duration patience) {
        return new JobResults(new Workspace(root), copies, System::nanoTime, patience);
    }

    private static void awaitStage(JobResults results, Job job, Stage stage) {
        await().atMost(Duration.ofSeconds(30)).until(() -> results.stage(job) == stage);
    }

    @Test
    void whatFailsIsTriedAgainUntilItIsKept() {
        copies.failing = 2;
        try (JobResults results = results(Duration.ofMinutes(5))) {
            assertThat(results.stage(job)).isEqualTo(Stage.UNDER_WAY);
            awaitStage(results, job, Stage.KEPT);
        }
        assertThat(copies.asked).containsExactly("taught", "taught", "taught");
    }

    @Test
    void whatFailsForTooLongIsGivenUp_andBegunAgainWhenAsked() {
        copies.failing = 1;
        try (JobResults results = results(Duration.ZERO)) {
            awaitStage(results, job, Stage.GIVEN_UP);
            assertThat(results.stage(job)).isEqualTo(Stage.UNDER_WAY);
            awaitStage(results, job, Stage.KEPT);
        }
    }

    @Test
    void ofAJobThatDidNotSucceedModelsAreKeptThatAreThere() throws Exception {
        try (JobResults results = results(Duration.ZERO)) {
            results.leftovers("job-b", () -> Optional.of(job("job-b", "never-made")));
            results.leftovers("job-c", Optional::empty);
            results.leftovers("job-a", () -> Optional.of(job));
            await().atMost(Duration.ofSeconds(30)).until(() -> !copies.asked.isEmpty());
        }
        assertThat(copies.asked).containsExactly("taught");
    }

    /** Copies that fail at first. */
    private static final class FakeCopies implements DurableCopies {
        private final List<String> asked = new CopyOnWriteArrayList<>();
        private volatile int failing;

        @Override
        public boolean has(String id) {
            return false;
        }

        @Override
        public void keep(String id) throws IOException {
            asked.add(id);
            if (asked.size() <= failing) {
                throw new ObjectsUnavailable("down", null);
            }
        }

        @Override
        public void remove(String id, Removal local) {
            throw new UnsupportedOperationException();
        }
    }
}
