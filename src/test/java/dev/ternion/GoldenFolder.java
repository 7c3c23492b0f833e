package dev.ternion;

import static org.awaitility.Awaitility.await;

import dev.ternion.api.ResourceNames;
import dev.ternion.api.v1.CancelJobRequest;
import dev.ternion.api.v1.CreateJobRequest;
import dev.ternion.api.v1.Job;
import dev.ternion.api.v1.JobSpec;
import dev.ternion.jobs.FakeWorkers;
import dev.ternion.jobs.JobChanges;
import dev.ternion.jobs.JobError;
import dev.ternion.jobs.JobQueue;
import dev.ternion.jobs.JobRuns;
import dev.ternion.jobs.Opaque;
import dev.ternion.jobs.Outcome;
import dev.ternion.jobs.Placement;
import dev.ternion.jobs.Submission;
import dev.ternion.store.JobDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/**
 * A data folder as a version of Ternion leaves it behind when it is killed, kept in {@code src/test/resources/golden} to be opened by
 * later ones. Its jobs: {@code done} SUCCEEDED, {@code broken} FAILED, {@code stopped} CANCELLED, {@code halfway} RUNNING with a
 * checkpoint, {@code waiting} QUEUED by {@link #REQUEST}.
 */
final class GoldenFolder {
    /** Id of the request that made the job {@code waiting}. */
    static final String REQUEST = "0a6f2b1c-7f0e-4a57-9b63-6d1f0f3f5a01";

    private GoldenFolder() {}

    /**
     * Writes the folder of this version.
     *
     * @param work empty folder
     * @param zip file to write
     * @param jobs file to write {@link #contents} to
     */
    static void write(Path work, Path zip, Path jobs) throws Exception {
        new TinyServer(work).filled().close();
        Path data = work.resolve("data");
        addBroken(data);
        Path log = Files.createFile(work.resolve("server.log"));
        try (ServerProcess server = new ServerProcess(data, log)) {
            create(server, "done", KilledServerIT.fineTune(3));
            awaitState(server, "done", Job.State.STATE_SUCCEEDED);
            create(server, "halfway", halfway());
            create(server, "stopped", KilledServerIT.fineTune(3));
            server.jobs()
                    .cancelJob(CancelJobRequest.newBuilder()
                            .setName(ResourceNames.JOB.name("stopped"))
                            .build());
            server.jobs().createJob(waiting());
            Path checkpoints = data.resolve("checkpoints/halfway");
            await().atMost(Duration.ofMinutes(1))
                    .until(() -> Files.exists(checkpoints)
                            && !Folders.ids(checkpoints).isEmpty());
            server.kill();
        }
        zip(data, zip);
        Files.write(jobs, contents(data));
    }

    private static void addBroken(Path data) throws Exception {
        try (JobDatabase jobs = JobDatabase.inFolder(data, e -> {})) {
            JobChanges changes = new JobChanges(jobs.store(), Clock.systemUTC());
            JobQueue queue = new JobQueue(changes, UUID::randomUUID, 10);
            JobRuns runs = new JobRuns(changes, new FakeWorkers(), System::nanoTime, id -> {});
            byte[] spec = KilledServerIT.fineTune(3).toByteArray();
            queue.submit(new Submission("broken", "a broken one", Opaque.of(spec), Placement.on("cpu"), "", ""));
            runs.turn();
            runs.claim("broken", 1);
            JobError error = new JobError("DATA_READ", "row 3 is \"bad\"", Map.of("row", "3"));
            runs.finish("broken", 1, new Outcome.Failed(error));
        }
    }

    private static JobSpec halfway() {
        JobSpec.Builder spec = KilledServerIT.fineTune(300).toBuilder();
        spec.getFineTuneBuilder().getBudgetBuilder().setEvalEvery(100);
        return spec.build();
    }

    /** What made the job {@code waiting}. */
    static CreateJobRequest waiting() {
        return request("waiting", KilledServerIT.fineTune(4), REQUEST);
    }

    static void create(ServerProcess server, String id, JobSpec spec) {
        server.jobs().createJob(request(id, spec, ""));
    }

    private static CreateJobRequest request(String id, JobSpec spec, String requestId) {
        CreateJobRequest.Builder request =
                CreateJobRequest.newBuilder().setJobId(id).setRequestId(requestId);
        request.getJobBuilder().setSpec(spec).setDisplayName("the job " + id);
        return request.build();
    }

    static void awaitState(ServerProcess server, String id, Job.State state) {
        await().atMost(Duration.ofMinutes(1)).until(() -> server.job(id).getState() == state);
    }

    /** One line for each job: id, uid, name, state, reason, times, error, hash codes of spec and report, request, number of events. */
    static List<String> contents(Path data) throws IOException {
        try (JobDatabase jobs = JobDatabase.inFolder(data, e -> {})) {
            return jobs.store().list(Set.of(), Long.MAX_VALUE, 100).stream()
                    .map(job -> String.join(
                            " | ",
                            job.id(),
                            job.uid(),
                            job.displayName(),
                            String.valueOf(job.state()),
                            job.reason(),
                            String.valueOf(job.created()),
                            String.valueOf(job.ended()),
                            String.valueOf(job.error()),
                            String.valueOf(job.spec().hashCode()),
                            String.valueOf(
                                    job.report() == null ? 0 : job.report().hashCode()),
                            job.requestId(),
                            jobs.store().lastSequence(job.id()) + " events"))
                    .toList();
        }
    }

    private static void zip(Path folder, Path file) throws IOException {
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file));
                Stream<Path> all = Files.walk(folder)) {
            zip.setLevel(9);
            for (Path path : all.filter(Files::isRegularFile).sorted().toList()) {
                String name = folder.relativize(path).toString();
                if (name.matches("cache/.*|server\\..*|jobs\\.db-shm")) {
                    continue;
                }
                zip.putNextEntry(new ZipEntry(name));
                Files.copy(path, zip);
                zip.closeEntry();
            }
        }
    }

    /** Unpacks a golden folder. */
    static void unzip(Path file, Path folder) throws IOException {
        try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(file))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                Path path = folder.resolve(entry.getName());
                Files.createDirectories(path.getParent());
                Files.copy(zip, path);
            }
        }
    }
}
