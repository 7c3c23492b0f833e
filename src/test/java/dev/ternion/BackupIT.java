package dev.ternion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ternion.api.ResourceNames;
import dev.ternion.api.v1.Job;
import dev.ternion.api.v1.JobEvent;
import dev.ternion.api.v1.JobSpec;
import dev.ternion.api.v1.ListJobsRequest;
import dev.ternion.api.v1.ListJobsResponse;
import dev.ternion.api.v1.WatchJobRequest;
import dev.ternion.artifact.Manifest;
import dev.ternion.artifact.OwnerFile;
import dev.ternion.jobs.JobState;
import dev.ternion.store.JobDatabase;
import dev.ternion.telemetry.SeriesKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A backup made under load is a data folder of one moment: a server opens what is restored and its jobs go on. */
class BackupIT {
    private static final int CLIENTS = 3;
    private static final int LOAD = 30;
    private static final int CHECKPOINT = 50;

    /** Names in a data folder that a backup need not hold. */
    private static final Set<String> LEFT_OUT = Set.of(
            "jobs.db",
            "jobs.db-wal",
            "jobs.db-shm",
            "server.lock",
            "server.txt",
            "server.address",
            "workers.address",
            "audit",
            "tokens.json",
            "uploads",
            "incoming",
            "objects",
            "cache");

    @TempDir
    Path folder;

    private Path data;
    private Path log;
    private Path file;
    private Path restored;

    @BeforeEach
    void fill() throws Exception {
        new TinyServer(folder).filled().close();
        data = folder.resolve("data");
        log = Files.createFile(folder.resolve("server.log"));
        file = folder.resolve("backup.tar");
        restored = folder.resolve("restored");
    }

    @Test
    void aBackupUnderLoadHoldsAllThatWasAcknowledgedAndItsJobsGoOn() throws Exception {
        List<Job> acknowledged;
        try (ServerProcess server = new ServerProcess(data, log)) {
            GoldenFolder.create(server, "done", KilledServerIT.fineTune(3));
            GoldenFolder.awaitState(server, "done", Job.State.STATE_SUCCEEDED);
            GoldenFolder.create(server, "halfway", halfway());
            server.jobs().createJob(GoldenFolder.waiting());
            AcknowledgedHistory history = new AcknowledgedHistory(KilledServerIT.fineTune(3));
            Random random = new Random(20261127);
            List<Thread> clients = new ArrayList<>();
            for (int c = 0; c < CLIENTS; c++) {
                clients.add(history.client(c, server.patient(), random.nextLong()));
            }
            await().atMost(Duration.ofMinutes(1)).until(() -> history.acknowledged() > LOAD);
            Path checkpoints = data.resolve("checkpoints/halfway");
            await().atMost(Duration.ofMinutes(1))
                    .until(() -> Files.exists(checkpoints)
                            && !Folders.ids(checkpoints).isEmpty());
            acknowledged = jobs(server);
            await("changes during the backup").until(() -> {
                Files.deleteIfExists(file);
                int before = history.acknowledged();
                TinyServer.Result backup = TinyServer.cli("backup", "--data", data.toString(), "--to", file.toString());
                assertThat(backup.code()).as(backup.err()).isZero();
                assertThat(backup.json().path("lacks")).isEmpty();
                return history.acknowledged() > before;
            });
            assertEveryPlaceIsKnown();
            server.kill();
            for (Thread client : clients) {
                client.join();
            }
        }
        TinyServer.Result restore = restore();
        assertThat(restore.code()).as(restore.err()).isZero();
        requireWhole(acknowledged);
        try (ServerProcess server = new ServerProcess(restored, log)) {
            assertThat(firstStepOfSecondRun(server)).isGreaterThan(CHECKPOINT);
            assertThat(server.jobs().createJob(GoldenFolder.waiting()).getUid())
                    .isEqualTo(uid(acknowledged, "waiting"));
        }
    }

    @Test
    void aDamagedBackupIsNamedAndRestoresNothing() throws Exception {
        try (JobDatabase jobs = JobDatabase.inFolder(data, fault -> {})) {
            assertThat(jobs.store().list(Set.of(), Long.MAX_VALUE, 1)).isEmpty();
        }
        TinyServer.Result backup = TinyServer.cli("backup", "--data", data.toString(), "--to", file.toString());
        assertThat(backup.code()).as(backup.err()).isZero();
        byte[] whole = Files.readAllBytes(file);
        Random random = new Random(20261127);
        for (int i = 0; i < 20; i++) {
            byte[] damaged = whole.clone();
            damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            Files.write(file, damaged);
            TinyServer.Result result = restore();
            assertThat(result.code()).as(result.err()).isEqualTo(1);
            assertThat(result.err()).contains("Nothing was restored: " + file + ": the backup is damaged: ");
            assertThat(restored).doesNotExist();
        }
        Files.write(file, whole);
        assertThat(restore().code()).isZero();
        TinyServer.Result again = restore();
        assertThat(again.code()).isEqualTo(1);
        assertThat(again.err()).contains("is not empty");
    }

    private TinyServer.Result restore() {
        return TinyServer.cli("restore", "--from", file.toString(), "--data", restored.toString());
    }

    /** What appears in a data folder is either in a backup, or known to be of no use in one. */
    private void assertEveryPlaceIsKnown() throws IOException {
        Set<String> held = new TreeSet<>(LEFT_OUT);
        try (var inBackup = Files.list(unpacked())) {
            inBackup.forEach(path -> held.add(path.getFileName().toString()));
        }
        try (var all = Files.list(data)) {
            assertThat(all.map(path -> path.getFileName().toString())).isSubsetOf(held);
        }
    }

    private Path unpacked() throws IOException {
        Path folderOfTar = Files.createDirectories(folder.resolve("tar"));
        try {
            Process tar = new ProcessBuilder("tar", "-xf", file.toString(), "-C", folderOfTar.toString())
                    .inheritIO()
                    .start();
            assertThat(tar.waitFor()).isZero();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        return folderOfTar;
    }

    private void requireWhole(List<Job> acknowledged) throws IOException {
        try (JobDatabase jobs = JobDatabase.inFolder(restored, fault -> {});
                JobDatabase later = JobDatabase.inFolder(data, fault -> {})) {
            AcknowledgedHistory.check(jobs.store());
            assertThat(jobs.store().extent().epoch())
                    .hasSize(32)
                    .isNotEqualTo(later.store().extent().epoch());
            assertThat(acknowledged).hasSizeGreaterThan(5);
            for (Job job : acknowledged) {
                String id = job.getName().substring(job.getName().lastIndexOf('/') + 1);
                var found = jobs.store().find(id);
                if (found.isPresent()) {
                    assertThat(found.get().uid()).isEqualTo(job.getUid());
                } else {
                    assertThat(later.store().find(id))
                            .as("%s, which nobody deleted", id)
                            .isEmpty();
                }
            }
            assertThat(jobs.store().find("done").orElseThrow().state()).isEqualTo(JobState.SUCCEEDED);
            assertThat(jobs.store().find("halfway").orElseThrow().state()).isEqualTo(JobState.RUNNING);
            assertThat(jobs.store().find("waiting").orElseThrow().state()).isEqualTo(JobState.QUEUED);
            assertThat(jobs.telemetry()
                            .points("done", new SeriesKey("", 42, "loss.total"), 0)
                            .size())
                    .as("steps of the job that had ended")
                    .isEqualTo(3);
            assertThat(jobs.telemetry().lines("done", 1, 100))
                    .isNotEmpty()
                    .isEqualTo(later.telemetry().lines("done", 1, 100));
        }
        for (String model : Folders.ids(restored.resolve("models"))) {
            Path path = restored.resolve("models").resolve(model);
            Manifest.read(path).verify(path);
            assertThat(OwnerFile.read(path)).isEqualTo("anyone");
        }
        assertThat(Folders.ids(restored.resolve("models"))).contains("encoder");
        assertThat(Folders.ids(restored.resolve("checkpoints/halfway"))).isNotEmpty();
    }

    private static int firstStepOfSecondRun(ServerProcess server) {
        Iterator<JobEvent> events = server.patient()
                .watchJob(WatchJobRequest.newBuilder()
                        .setName(ResourceNames.JOB.name("halfway"))
                        .build());
        int runs = 0;
        while (true) {
            JobEvent event = events.next();
            if (event.getStateChange().getTo() == Job.State.STATE_RUNNING) {
                runs++;
            } else if (event.hasProgress() && runs == 2) {
                return event.getProgress().getStep();
            }
        }
    }

    private static JobSpec halfway() {
        JobSpec.Builder spec = KilledServerIT.fineTune(100_000_000).toBuilder();
        spec.getFineTuneBuilder().getBudgetBuilder().setEvalEvery(CHECKPOINT);
        return spec.build();
    }

    /** All of them, page by page. */
    private static List<Job> jobs(ServerProcess server) {
        List<Job> all = new ArrayList<>();
        String next = "";
        do {
            ListJobsResponse page = server.jobs()
                    .listJobs(ListJobsRequest.newBuilder()
                            .setPageSize(1000)
                            .setPageToken(next)
                            .build());
            all.addAll(page.getJobsList());
            next = page.getNextPageToken();
        } while (!next.isEmpty());
        return all;
    }

    private static String uid(List<Job> jobs, String id) {
        return jobs.stream()
                .filter(job -> job.getName().endsWith("/" + id))
                .findFirst()
                .orElseThrow()
                .getUid();
    }
}
