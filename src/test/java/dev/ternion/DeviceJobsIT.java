package dev.ternion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ternion.TinyServer.Result;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The field {@code device} of a job, through the real server. */
class DeviceJobsIT {
    @TempDir
    static Path folder;

    private static TinyServer server;

    @BeforeAll
    static void start() throws Exception {
        server = new TinyServer(folder).filled();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String on(String device, String job) {
        return job.replace("data: {", "device: \"" + device + "\"\n    data: {");
    }

    /** One seed: what a second one does is no question of the device. */
    private static String qat(String teacher, String output) {
        return TinyServer.qat(teacher, output, 5).replace("seeds: [1, 2]", "seeds: [1]");
    }

    @Test
    void everyKindOfJobRunsOnTheEmulatedDevice() throws Exception {
        Result teacher = server.submit(on("emulated", TinyServer.fineTune("encoder", "taught", 4)), "--wait");
        assertThat(teacher.code()).as(teacher.err()).isZero();
        Result student = server.submit(on("emulated", qat("taught", "student")), "--wait");
        assertThat(student.code()).as(student.err()).isZero();
        assertThat(student.json().path("spec").path("qat").path("device").asText())
                .isEqualTo("emulated");
        Result evaluated = server.submit(on("emulated", TinyServer.evaluate("student-ti-g-1")), "--wait");
        assertThat(evaluated.code()).as(evaluated.err()).isZero();
    }

    @Test
    void jobsOnDifferentDevicesRunAtTheSameTime() throws Exception {
        List<String> ids = List.of("on-cpu", "emulated", "waits");
        for (String id : ids) {
            String endless = TinyServer.fineTune("encoder", id + "-model", 1_000_000);
            String device = id.equals("emulated") ? "emulated" : "cpu";
            assertThat(server.submit(on(device, endless), "--job-id", id).code())
                    .isZero();
        }
        await().until(() -> List.of(job("on-cpu"), job("emulated")).stream()
                .allMatch(job -> job.path("state").asText().equals("STATE_RUNNING") && job.has("progress")));
        assertThat(job("waits").path("stateReason").asText())
                .isEqualTo("waiting for device cpu: 1 job before this one");
        for (String id : ids) {
            assertThat(server.run("jobs", "cancel", id).code()).isZero();
        }
        await().until(() ->
                ids.stream().allMatch(id -> job(id).path("state").asText().equals("STATE_CANCELLED")));
    }

    private static JsonNode job(String id) {
        try {
            return server.run("jobs", "get", id).json();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aDeviceThatDoesNotExistIsRefusedBeforeTheJobIsQueued() throws Exception {
        int before = server.run("jobs", "list").json().path("jobs").size();
        for (String device : new String[] {"gpu", "cuda:x", "cpu64", "emulated:gemm"}) {
            Result result = server.submit(on(device, TinyServer.fineTune("encoder", "nothing", 4)));
            assertThat(result.code()).isEqualTo(3);
            assertThat(result.err())
                    .contains("spec.fine_tune.device", "is \"" + device + "\", wanted \"cpu\" or \"cuda:N\"");
        }
        JsonNode jobs = server.run("jobs", "list").json().path("jobs");
        assertThat(jobs).hasSize(before);
    }

    @Test
    void aJobKeepsToItsMemory() throws Exception {
        server.submit(on("emulated", TinyServer.fineTune("encoder", "remembering", 2)), "--wait");
        String arms = qat("remembering", "limited").replace("batchSize: 8", "batchSize: 20");
        Result tight = server.submit(on("emulated", limited(1, arms)), "--wait");
        assertThat(tight.code()).as(tight.err()).isEqualTo(1);
        assertThat(tight.json()
                        .path("error")
                        .path("details")
                        .path(0)
                        .path("reason")
                        .asText())
                .isEqualTo("OUT_OF_MEMORY");
        assertThat(tight.out())
                .containsPattern("needs [0-9]+ bytes, has [0-9]+ of 1048576: use a smaller batch, shorter sequences");
        StringBuilder more = new StringBuilder("arms:\n");
        for (int arm = 1; arm <= 6; arm++) {
            more.append("      - name: more-").append(arm).append("\n        role: ABLATION\n");
        }
        Result never = server.submit(on("emulated", limited(1, arms.replace("arms:\n", more))));
        assertThat(never.code()).isEqualTo(2);
        assertThat(never.err())
                .containsPattern(
                        "INSUFFICIENT_MEMORY: the job needs [0-9]+ bytes at the least, its device_memory_mib allows 1048576");
        Result enough = server.submit(on("emulated", limited(64, arms)), "--wait");
        assertThat(enough.code()).as(enough.err()).isZero();
        assertThat(enough.json()
                        .path("spec")
                        .path("qat")
                        .path("deviceMemoryMib")
                        .asInt())
                .isEqualTo(64);
    }

    private static String limited(int mib, String job) {
        return job.replace("data: {", "deviceMemoryMib: " + mib + "\n    data: {");
    }

    @Test
    void cudaWithoutADriverSaysWhatIsMissing() throws Exception {
        assumeFalse(Files.exists(Path.of("/dev/nvidiactl")), "this machine has a CUDA driver");
        Result result = server.submit(on("cuda:0", TinyServer.fineTune("encoder", "nothing", 4)));
        assertThat(result.code()).isEqualTo(3);
        assertThat(result.err())
                .contains("spec.fine_tune.device", "device \"cuda:0\"", "use \"cpu\"")
                .containsAnyOf("install an NVIDIA driver", "built without nvcc");
    }
}
