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
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The metrics of a real server follow what was done on it. */
class MetricsIT {
    private static final String AGE = "ternion_checkpoint_age_seconds";
    private static final Set<String> UNSEEN = Set.of(AGE, "ternion_intervention_ratio");
    private static final Set<String> SUMMARIES = Set.of("jvm_gc_collection_seconds");

    /** Seconds by which the clocks of files, of the server and of this test may differ. */
    private static final double CLOCKS = 1;

    private static final Pattern ROW = Pattern.compile("(?m)^[|] (`(?:ternion|grpc|jvm|process)_[^|]*`) [|]");
    private static final Pattern NAME = Pattern.compile("`([a-z_]+[*]?)(?:\\{([a-z_,]+)})?`");
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

    /** A fine-tuning of 7 steps, and 8 steps of two arms of two seeds, on 20 examples. */
    @Test
    void stepsSamplesAndCheckpointsAreThoseThatTheJobsMade() throws Exception {
        try (TinyServer server = new TinyServer(folder).filled()) {
            String policy = "checkpoints: { everySteps: 3, everySeconds: 86400, keepAfterEnd: true }\n    budget: {";
            done(server.submit(
                    TinyServer.fineTune("encoder", "teacher", 7).replace("budget: {", policy),
                    "--job-id",
                    "tuned",
                    "--wait"));
            PrometheusText tuned = read(server);
            assertThat(tuned.value("ternion_step_seconds_count{phase=\"TRAINING\"}"))
                    .isEqualTo(7);
            // Batches of 8, 8 and 4 in each epoch.
            assertThat(tuned.value("ternion_samples_total{phase=\"TRAINING\"}")).isEqualTo(48);
            assertThat(tuned.value("ternion_step_seconds_sum{phase=\"TRAINING\"}"))
                    .isPositive();
            assertThat(made(tuned, "PERIODIC")).as("after steps 3 and 6").isEqualTo(2);
            assertThat(made(tuned, "FINAL")).isEqualTo(1);
            soon().until(() -> origins(server, "tuned").equals("ORIGIN_FINAL"));

            done(server.submit(TinyServer.qat("teacher", "student", 8), "--job-id", "two-arms", "--wait"));
            PrometheusText students = read(server);
            assertThat(students.value("ternion_step_seconds_count{phase=\"INTERVENTION\"}"))
                    .isEqualTo(8);
            assertThat(students.value("ternion_step_seconds_count{phase=\"FULL_QAT\"}"))
                    .isEqualTo(24);
            assertThat(students.value("ternion_samples_total{phase=\"INTERVENTION\"}"))
                    .isEqualTo(2 * 28);
            assertThat(students.value("ternion_samples_total{phase=\"FULL_QAT\"}"))
                    .isEqualTo(2 * (28 + 56));
            assertThat(students.value("ternion_intervention_ratio{phase=\"INTERVENTION\"}"))
                    .isEqualTo(0.25);
            assertThat(made(students, "EVALUATION")).as("one of each seed").isEqualTo(2);
            assertThat(made(students, "FINAL")).isEqualTo(3);
            assertThat(students.value("ternion_checkpoint_seconds_count"))
                    .isGreaterThanOrEqualTo(7)
                    .isEqualTo(allMade(students));
            assertThat(students.value("ternion_checkpoint_seconds_sum")).isPositive();
            assertThat(students.samples().keySet()).noneMatch(series -> series.startsWith(AGE));
            assertThat(page(server)).doesNotContain("tuned", "two-arms", "ti-g");
        }
    }

    @Test
    void aCheckpointThatIsAskedForIsCountedAndNew() throws Exception {
        try (TinyServer server = new TinyServer(folder).filled()) {
            String spec = TinyServer.fineTune("encoder", "endless-model", 100_000_000)
                    .replace("budget: {", "checkpoints: { everySeconds: 86400 }\n    budget: {");
            done(server.submit(spec, "--job-id", "endless"));
            soon().until(() -> read(server).value("ternion_job_state{state=\"RUNNING\"}") == 1);
            long running = System.nanoTime();
            soon().until(() -> read(server).value("ternion_step_seconds_count{phase=\"TRAINING\"}") > 0);
            long asked = System.nanoTime();
            double before = read(server).value(AGE + "{device=\"cpu\"}");
            assertThat(before).as("since it began to run").isGreaterThan((asked - running) / 1e9 - CLOCKS);

            long began = System.nanoTime();
            done(server.run("checkpoints", "create", "endless"));
            double after = read(server).value(AGE + "{device=\"cpu\"}");
            assertThat(after).isBetween(0.0, (System.nanoTime() - began) / 1e9 + CLOCKS);
            soon().until(() -> made(read(server), "MANUAL") == 1);
            assertThat(origins(server, "endless")).isEqualTo("ORIGIN_MANUAL");
            assertThat(read(server).value("ternion_checkpoint_seconds_count")).isEqualTo(1);

            done(server.run("jobs", "cancel", "endless"));
            soon().until(() -> read(server).samples().keySet().stream().noneMatch(series -> series.startsWith(AGE)));
        }
    }

    /** The table of OPERATIONS, and the page: no name and no label is in one alone. */
    @Test
    void theGuideNamesWhatThePageHas() throws Exception {
        Map<String, Set<String>> written = new HashMap<>();
        Matcher row = ROW.matcher(Files.readString(Path.of("src/docs/OPERATIONS.md")));
        while (row.find()) {
            for (String name : row.group(1).split(", ")) {
                Matcher parts = NAME.matcher(name);
                assertThat(parts.matches()).as(name).isTrue();
                String labels = parts.group(2);
                written.put(parts.group(1), labels == null ? Set.of() : Set.of(labels.split(",")));
            }
        }
        try (TinyServer server = new TinyServer(folder).filled()) {
            done(server.submit(TinyServer.fineTune("encoder", "teacher", 1), "--job-id", "tuned", "--wait"));
            Map<String, Set<String>> there = new HashMap<>();
            String page = page(server);
            PrometheusText.read(page).types().keySet().forEach(name -> {
                String listed = written.keySet().stream()
                        .filter(other -> other.endsWith("*") && name.startsWith(other.replace("*", "")))
                        .findFirst()
                        .orElse(name);
                there.put(listed, listed.endsWith("*") ? Set.of() : labels(page, name));
            });
            // Of these there is no series yet.
            written.keySet().stream()
                    .filter(UNSEEN::contains)
                    .forEach(name -> there.computeIfPresent(name, (key, none) -> written.get(name)));
            written.replaceAll((name, labels) -> name.endsWith("*") ? Set.of() : labels);
            there.replaceAll((name, labels) -> SUMMARIES.contains(name) ? Set.of() : labels);
            assertThat(there).isEqualTo(written);
        }
    }

    private static Set<String> labels(String page, String name) {
        Matcher series = Pattern.compile("(?m)^" + name + "(?:_bucket|_sum|_count)?\\{(.*)} ")
                .matcher(page);
        Set<String> labels = new HashSet<>();
        while (series.find()) {
            Matcher label = Pattern.compile("([a-z_]+)=\"").matcher(series.group(1));
            while (label.find()) {
                labels.add(label.group(1));
            }
        }
        labels.remove("le");
        return labels;
    }

    private static double made(PrometheusText text, String origin) {
        return text.value("ternion_checkpoints_total{origin=\"" + origin + "\",result=\"made\"}");
    }

    private static double allMade(PrometheusText text) {
        return text.samples().entrySet().stream()
                .filter(series -> series.getKey().startsWith("ternion_checkpoints_total")
                        && series.getKey().contains("made"))
                .mapToDouble(Map.Entry::getValue)
                .sum();
    }

    /** Why the checkpoints of a job that are there were made. */
    private static String origins(TinyServer server, String job) throws IOException {
        TinyServer.Result list = server.run("checkpoints", "list", job, "--output", "json");
        done(list);
        return StreamSupport.stream(list.json().path("checkpoints").spliterator(), false)
                .map(checkpoint -> checkpoint.path("origin").asText())
                .collect(Collectors.joining(" "));
    }

    private static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(60));
    }

    private static void done(TinyServer.Result result) {
        assertThat(result.code()).as(result.err()).isZero();
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
