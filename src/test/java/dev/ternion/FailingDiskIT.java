package dev.ternion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.api.v1.CancelJobRequest;
import dev.ternion.api.v1.CreateJobRequest;
import dev.ternion.api.v1.GetJobRequest;
import dev.ternion.api.v1.Job;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server whose disk fails ends at once and has acknowledged nothing that is not there afterwards. */
class FailingDiskIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);

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
    void aSyncThatFails() throws Exception {
        Path library = Path.of("target/native/libfailing_disk.so").toAbsolutePath();
        assertThat(library).exists();
        ends(new ServerProcess(data, log, Map.of("LD_PRELOAD", library.toString(), "TERNION_CALLS", "60")));
    }

    /** No file may grow beyond 3 MiB: what a full disk looks like to a write. */
    @Test
    void aFullDisk() throws Exception {
        ends(new ServerProcess(data, log, Map.of(), "bash", "-c", "ulimit -f 3072; exec \"$@\"", "limited"));
    }

    private void ends(ServerProcess server) throws Exception {
        List<String> acknowledged = new ArrayList<>();
        try (server) {
            Status.Code code = create(server, acknowledged);
            assertThat(code).as("what the client saw last").isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(server.awaitEnd(LIMIT)).as(Files.readString(log)).isEqualTo(74);
        }
        assertThat(Files.readString(log)).contains("jobs can no longer be stored");
        assertThat(acknowledged).isNotEmpty();
        try (ServerProcess again = new ServerProcess(data, log)) {
            for (String name : acknowledged) {
                Job job = again.jobs()
                        .getJob(GetJobRequest.newBuilder().setName(name).build());
                assertThat(job.getState()).as(name).isIn(AcknowledgedHistory.AFTER_CANCEL);
            }
        }
    }

    /** Creates and cancels jobs until the server fails; what the failing call saw. */
    private static Status.Code create(ServerProcess server, List<String> acknowledged) {
        for (int i = 0; i < 5000; i++) {
            CreateJobRequest.Builder create = CreateJobRequest.newBuilder().setJobId("job-" + i);
            create.getJobBuilder().setSpec(KilledServerIT.fineTune(1));
            try {
                Job job = server.jobs().createJob(create.build());
                server.jobs()
                        .cancelJob(CancelJobRequest.newBuilder()
                                .setName(job.getName())
                                .build());
                acknowledged.add(job.getName());
            } catch (StatusRuntimeException e) {
                if (e.getStatus().getCode() != Status.Code.FAILED_PRECONDITION) {
                    return e.getStatus().getCode();
                }
            }
        }
        return Status.Code.OK;
    }
}
