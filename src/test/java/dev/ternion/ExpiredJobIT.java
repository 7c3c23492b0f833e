package dev.ternion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.util.Durations;
import com.google.protobuf.util.Timestamps;
import dev.ternion.api.ResourceNames;
import dev.ternion.api.v1.CreateJobRequest;
import dev.ternion.api.v1.Job;
import dev.ternion.api.v1.JobAttempt;
import dev.ternion.api.v1.ListAttemptsRequest;
import dev.ternion.api.v1.PauseJobRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A job with a longest time, in processes. */
class ExpiredJobIT {
    private static final int AWAY_SECONDS = 5;

    /** So long that no machine gets to the end of it. */
    private static final int STEPS = 1_000_000;

    @TempDir
    Path folder;

    @Test
    void timeWithoutAServerCountsAndAJobThatIsOverItsLimitEnds() throws Exception {
        new TinyServer(folder).filled().close();
        Path data = folder.resolve("data");
        Path log = Files.createFile(folder.resolve("server.log"));
        try (ServerProcess server = new ServerProcess(data, log)) {
            create(server, "long-job", Durations.fromHours(1));
            await().until(() -> server.job("long-job").hasProgress());
            server.killAlone();
            Thread.sleep(AWAY_SECONDS * 1000);
        }
        try (ServerProcess server = new ServerProcess(data, log)) {
            pause(server);
            create(server, "short-job", Durations.fromSeconds(3));
            await().until(() -> server.job("short-job").getState() == Job.State.STATE_EXPIRED);
            JobAttempt attempt = onlyAttempt(server, "short-job");
            assertThat(attempt.getOutcome()).isEqualTo(JobAttempt.Outcome.OUTCOME_EXPIRED);
            assertThat(seconds(server.job("short-job").getRunTime())).isBetween(3.0, 60.0);
            await().until(() -> server.workers().isEmpty());
            await().untilAsserted(() ->
                    assertThat(data.resolve("checkpoints/short-job")).doesNotExist());
        }
    }

    /** The worker, which trained on, has measured the time without a server. */
    private static void pause(ServerProcess server) {
        server.jobs()
                .pauseJob(PauseJobRequest.newBuilder()
                        .setName(ResourceNames.JOB.name("long-job"))
                        .build());
        await().until(() -> server.job("long-job").getState() == Job.State.STATE_PAUSED);
        JobAttempt attempt = onlyAttempt(server, "long-job");
        double passed = seconds(Timestamps.between(attempt.getStartTime(), attempt.getEndTime()));
        assertThat(passed).isGreaterThan(AWAY_SECONDS);
        // What a worker has measured may come a little later; without the time away it would be far less.
        assertThat(seconds(server.job("long-job").getRunTime())).isBetween(passed - AWAY_SECONDS / 2.0, passed + 1);
    }

    private static void create(ServerProcess server, String id, com.google.protobuf.Duration limit) {
        CreateJobRequest.Builder create = CreateJobRequest.newBuilder().setJobId(id);
        create.getJobBuilder().setSpec(KilledServerIT.fineTune(STEPS)).setMaxRunTime(limit);
        server.jobs().createJob(create.build());
    }

    private static JobAttempt onlyAttempt(ServerProcess server, String id) {
        List<JobAttempt> attempts = server.jobs()
                .listAttempts(ListAttemptsRequest.newBuilder()
                        .setParent(ResourceNames.JOB.name(id))
                        .build())
                .getAttemptsList();
        assertThat(attempts).hasSize(1);
        return attempts.get(0);
    }

    private static double seconds(com.google.protobuf.Duration time) {
        return Durations.toMillis(time) / 1e3;
    }
}
