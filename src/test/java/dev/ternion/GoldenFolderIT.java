package dev.ternion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.api.ResourceNames;
import dev.ternion.api.v1.GetJobReportRequest;
import dev.ternion.api.v1.Job;
import dev.ternion.api.v1.JobEvent;
import dev.ternion.api.v1.ListJobsRequest;
import dev.ternion.api.v1.WatchJobRequest;
import dev.ternion.api.v1.WatchJobsRequest;
import dev.ternion.api.v1.WatchJobsResponse;
import dev.ternion.artifact.OwnerFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Data folders that earlier versions have left behind open, keep what they had, and their jobs go on. */
class GoldenFolderIT {
    private static final Path GOLDEN = Path.of("src/test/resources/golden");

    @TempDir
    Path folder;

    /** {@code ./mvnw test -Dtest=GoldenFolderIT#writeAnother -Dternion.golden=NAME}, before a change of what a data folder holds. */
    @Test
    @EnabledIfSystemProperty(named = "ternion.golden", matches = "[0-9a-z.-]+")
    void writeAnother() throws Exception {
        String name = System.getProperty("ternion.golden");
        GoldenFolder.write(folder, GOLDEN.resolve(name + ".zip"), GOLDEN.resolve(name + ".txt"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"2026-11-25"})
    void opensAndGoesOn(String version) throws Exception {
        Path data = Files.createDirectories(folder.resolve("data"));
        GoldenFolder.unzip(GOLDEN.resolve(version + ".zip"), data);
        List<String> wanted = Files.readAllLines(GOLDEN.resolve(version + ".txt"));
        assertThat(GoldenFolder.contents(data)).isEqualTo(wanted);

        Path log = Files.createFile(folder.resolve("server.log"));
        try (ServerProcess server = new ServerProcess(data, log)) {
            String uid = wanted.stream()
                    .filter(line -> line.startsWith("waiting "))
                    .findFirst()
                    .orElseThrow()
                    .split(" \\| ")[1];
            assertThat(server.jobs().createJob(GoldenFolder.waiting()).getUid()).isEqualTo(uid);
            assertThat(server.jobs()
                            .getJobReport(GetJobReportRequest.newBuilder()
                                    .setName(ResourceNames.JOB.name("done"))
                                    .build())
                            .getModelsCount())
                    .isEqualTo(1);
            GoldenFolder.awaitState(server, "halfway", Job.State.STATE_SUCCEEDED);
            GoldenFolder.awaitState(server, "waiting", Job.State.STATE_SUCCEEDED);
            assertThat(firstStepAfterRestart(server)).isGreaterThan(100);
            assertThat(watched(server))
                    .containsExactlyInAnyOrderElementsOf(
                            server.jobs().listJobs(ListJobsRequest.getDefaultInstance()).getJobsList().stream()
                                    .map(Job::getName)
                                    .toList());
            server.stop();
        }
        assertThat(Folders.ids(data.resolve("models")))
                .isNotEmpty()
                .allSatisfy(model -> assertThat(
                                OwnerFile.read(data.resolve("models").resolve(model)))
                        .as("nobody is known to own what is from then")
                        .isEmpty());
        List<String> now = GoldenFolder.contents(data);
        assertThat(now)
                .containsAll(wanted.stream()
                        .filter(line -> line.matches("(done|broken|stopped) .*"))
                        .toList());
    }

    /** Jobs that a watch of all jobs begins with. */
    private static List<String> watched(ServerProcess server) {
        List<String> names = new ArrayList<>();
        Iterator<WatchJobsResponse> messages = server.jobs().watchJobs(WatchJobsRequest.getDefaultInstance());
        for (WatchJobsResponse message = messages.next(); !message.hasSyncEnd(); message = messages.next()) {
            if (message.hasJob()) {
                names.add(message.getJob().getName());
            }
        }
        return names;
    }

    /** Of the job that was halfway. */
    private static int firstStepAfterRestart(ServerProcess server) {
        Iterator<JobEvent> events = server.patient()
                .watchJob(WatchJobRequest.newBuilder()
                        .setName(ResourceNames.JOB.name("halfway"))
                        .build());
        int step = 0;
        while (events.hasNext()) {
            JobEvent event = events.next();
            if (event.getStateChange().getTo() == Job.State.STATE_RUNNING) {
                step = 0;
            } else if (event.hasProgress() && step == 0) {
                step = event.getProgress().getStep();
            }
        }
        return step;
    }
}
