package dev.ternion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ternion.observe.PrometheusText;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The metrics of a real server follow what was done on it. */
class MetricsIT {
    private static final String SERVICE = "grpc_method=\"ternion.v1.JobService/";

    @TempDir
    Path folder;

    @Test
    void valuesFollowWhatWasDone() throws Exception {
        try (TinyServer server = new TinyServer(folder).filled()) {
            PrometheusText before = read(server);
            assertThat(before.value("ternion_job_state{state=\"CANCELLED\"}")).isZero();
            assertThat(before.value("ternion_queue_wait_seconds_count")).isZero();

            Path job = Files.writeString(
                    server.file("job.yaml"), TinyServer.fineTune("encoder", "endless-model", 100_000_000));
            assertThat(server.run("jobs", "submit", "-f", job.toString(), "--job-id", "endless")
                            .code())
                    .isZero();
            await().until(() -> read(server).value("ternion_job_state{state=\"RUNNING\"}") == 1);
            Files.writeString(job, TinyServer.fineTune("encoder", "other-model", 3));
            assertThat(server.run("jobs", "submit", "-f", job.toString(), "--job-id", "waiting")
                            .code())
                    .isZero();
            PrometheusText waiting = read(server);
            assertThat(waiting.value("ternion_queue_depth")).isEqualTo(1);
            assertThat(waiting.value("ternion_job_state{state=\"QUEUED\"}")).isEqualTo(1);
            assertThat(waiting.value("ternion_queue_wait_seconds_count")).isEqualTo(1);

            assertThat(server.run("jobs", "cancel", "waiting").code()).isZero();
            assertThat(server.run("jobs", "cancel", "endless").code()).isZero();
            assertThat(server.run("jobs", "get", "no-such-job").code()).isEqualTo(8);
            // A call is counted when its stream is closed, which may be after its client has the answer.
            await().untilAsserted(() -> requireCounted(read(server)));
            PrometheusText after = read(server);
            assertThat(after.value("ternion_queue_depth")).isZero();
            assertThat(after.value("ternion_queue_wait_seconds_count")).isEqualTo(1);
            assertThat(after.value(
                            "grpc_server_call_duration_seconds_sum{" + SERVICE + "CreateJob\",grpc_status=\"OK\"}"))
                    .isBetween(1e-5, 60.0);
            assertThat(after.value("jvm_threads_current")).isGreaterThan(5);
            assertThat(after.samples()).hasSizeLessThan(2000);
            assertThat(page(server)).doesNotContain("endless", "waiting", "no-such-job");
        }
    }

    private static void requireCounted(PrometheusText after) {
        assertThat(after.value("ternion_job_state{state=\"CANCELLED\"}")).isEqualTo(2);
        assertThat(after.value("grpc_server_call_started_total{" + SERVICE + "CreateJob\"}"))
                .isEqualTo(2);
        assertThat(after.value(
                        "grpc_server_call_duration_seconds_count{" + SERVICE + "CreateJob\",grpc_status=\"OK\"}"))
                .isEqualTo(2);
        assertThat(after.value(
                        "grpc_server_call_duration_seconds_count{" + SERVICE + "CancelJob\",grpc_status=\"OK\"}"))
                .isEqualTo(2);
        assertThat(after.value(
                        "grpc_server_call_duration_seconds_count{" + SERVICE + "GetJob\",grpc_status=\"NOT_FOUND\"}"))
                .isEqualTo(1);
    }

    private static PrometheusText read(TinyServer server) throws IOException, InterruptedException {
        return PrometheusText.read(page(server));
    }

    private static String page(TinyServer server) throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(server.metrics()).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }
}
