package dev.ternion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ternion.api.v1.CreateJobRequest;
import dev.ternion.api.v1.Job;
import dev.ternion.recipe.TinyWorkspace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The worker that a server keeps for the next job: it rehearses, and that is all that it does before it has one. */
class WaitingWorkerIT {
    private static final int STEPS = 200;

    /** What it keeps for nothing. */
    private static final long MOST_MIB = 340;

    @TempDir
    Path folder;

    private Path data;
    private Path log;

    @BeforeEach
    void fill() throws Exception {
        new TinyServer(folder).filled().close();
        data = folder.resolve("data");
        log = Files.createFile(folder.resolve("server.log"));
    }

    @Test
    void itMakesTheBytesOfAWorkerThatHasNotRehearsed() throws Exception {
        try (ServerProcess server = new ServerProcess(data, log)) {
            assertThat(server.waiting()).isEmpty();
            run(server, "first");
            await().until(() -> server.waiting().isPresent());
            ProcessHandle waiting = server.waiting().orElseThrow();
            assertThat(leftovers()).isEmpty();
            assertThat(residentKib(waiting)).isLessThan(MOST_MIB * 1024);
            assertThat(Files.readString(log)).doesNotContain("rehears").doesNotContain("checkpoint");
            run(server, "second");
            await("it has had its job").until(() -> !waiting.isAlive());
            assertThat(sha("second")).isEqualTo(sha("first"));
        }
    }

    @Test
    void itEndsWithItsServerAndRemovesWhatOthersHaveLeft() throws Exception {
        Path left = Files.createDirectories(data.resolve("cache/rehearsal-999999999/models"));
        Path foreign = Files.createDirectories(
                data.resolve("cache/rehearsal-" + ProcessHandle.current().pid()));
        ProcessHandle orphan, dismissed;
        try (ServerProcess server = new ServerProcess(data, log)) {
            run(server, "first");
            await().until(() -> server.waiting().isPresent());
            assertThat(leftovers()).containsExactly(foreign);
            orphan = server.waiting().orElseThrow();
            server.killAlone();
            await().until(() -> !orphan.isAlive());
        }
        assertThat(left).doesNotExist();
        try (ServerProcess server = new ServerProcess(data, log)) {
            run(server, "second");
            await().until(() -> server.waiting().isPresent());
            dismissed = server.waiting().orElseThrow();
            assertThat(server.stop()).isZero();
            await().until(() -> !dismissed.isAlive());
        }
    }

    private static long residentKib(ProcessHandle process) throws Exception {
        return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .sum();
    }

    private List<Path> leftovers() throws Exception {
        try (var files = Files.list(data.resolve("cache"))) {
            return files.filter(file -> file.getFileName().toString().startsWith("rehearsal"))
                    .toList();
        }
    }

    private String sha(String job) throws Exception {
        return TinyWorkspace.sha256(data.resolve("models/" + job + "/model.safetensors"));
    }

    private static void run(ServerProcess server, String id) {
        CreateJobRequest.Builder create = CreateJobRequest.newBuilder().setJobId(id);
        create.getJobBuilder().setSpec(KilledServerIT.fineTune(STEPS));
        create.getJobBuilder().getSpecBuilder().getFineTuneBuilder().setOutputModel(id);
        server.jobs().createJob(create.build());
        await().until(() -> KilledServerIT.FINAL.contains(server.job(id).getState()));
        assertThat(server.job(id).getState()).isEqualTo(Job.State.STATE_SUCCEEDED);
    }
}
