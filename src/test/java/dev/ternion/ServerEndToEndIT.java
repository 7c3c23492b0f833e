package dev.ternion;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ternion.TinyServer.Result;
import dev.ternion.recipe.TinyWorkspace;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** A user's way: import, fine-tune, QAT, evaluate, report, download. Later steps need earlier ones. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ServerEndToEndIT {
    @TempDir
    static Path folder;

    private static TinyServer server;
    private static JsonNode report;

    @BeforeAll
    static void start() throws Exception {
        server = new TinyServer(folder).filled();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String id(JsonNode job) {
        return job.path("name").asText().replaceAll(".*/", "");
    }

    @Test
    @Order(1)
    void imports_areListed() throws Exception {
        JsonNode dataset = server.run("datasets", "list").json().at("/datasets/0");
        assertThat(dataset.path("name").asText()).endsWith("/tiny-task");
        assertThat(dataset.path("labels").toString()).isEqualTo("[\"negative\",\"positive\"]");
        assertThat(dataset.path("trainRows").asInt()).isEqualTo(20);
        assertThat(dataset.path("evalRows").asInt()).isEqualTo(12);
        JsonNode model = server.run("models", "list").json().at("/models/0");
        assertThat(model.path("name").asText()).endsWith("/encoder");
        assertThat(model.path("kind").asText()).isEqualTo("KIND_ENCODER");
        assertThat(model.path("hidden").asInt()).isEqualTo(TinyWorkspace.HIDDEN);
    }

    @Test
    @Order(2)
    void importsOutsideTheRoots_areRefused() throws Exception {
        Path outside = TinyWorkspace.writeEncoder(folder.resolve("outside"));
        Result result = server.run("models", "import", "stolen", outside.toString(), "--server-path");
        assertThat(result.code()).isNotZero();
        assertThat(server.data.resolve("models/stolen")).doesNotExist();
        assertThat(server.run("models", "list").out()).doesNotContain("stolen");
    }

    @Test
    @Order(3)
    void fineTune_makesATeacher() throws Exception {
        Result result = server.submit(TinyServer.fineTune("encoder", "teacher", 24), "--wait");
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.json().path("state").asText()).isEqualTo("STATE_SUCCEEDED");
        assertThat(result.err()).contains("SUCCEEDED");
        assertThat(server.run("models", "list").out()).contains("/teacher", "KIND_FINE_TUNED");
    }

    @Test
    @Order(4)
    void qat_reportTellsArmsSeedsAndContrasts() throws Exception {
        Result result = server.submit(TinyServer.qat("teacher", "student", 8), "--wait");
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.err()).contains("ti-g");
        Result shown = server.run("jobs", "report", id(result.json()));
        assertThat(shown.code()).isZero();
        assertThat(shown.err()).contains("control", "ti-g", "accuracy");
        assertThat(result.err()).as("shown at the end of the wait too").endsWith(shown.err());
        report = shown.json();
        assertThat(report.path("runs")).hasSize(4);
        assertThat(report.path("teacher").path("accuracy").isNumber()).isTrue();
        JsonNode contrast = report.at("/contrasts/0/contrast");
        assertThat(contrast.path("metric").asText()).isEqualTo("accuracy");
        assertThat(contrast.path("examples").asInt()).isEqualTo(12);
        assertThat(report.path("models").toString()).contains("student-ti-g-2", "student-control-1");
    }

    @Test
    @Order(5)
    void evaluate_givesTheReportsMetrics() throws Exception {
        JsonNode run = report.at("/runs/0");
        Result result = server.submit(TinyServer.evaluate(run.path("model").asText()), "--wait");
        assertThat(result.code()).as(result.err()).isZero();
        JsonNode again = server.run("jobs", "report", id(result.json())).json().at("/runs/0/metrics");
        assertThat(again.size()).isPositive();
        again.properties()
                .forEach(metric -> assertThat(metric.getValue())
                        .as(metric.getKey())
                        .isEqualTo(run.path("metrics").path(metric.getKey())));
    }

    @Test
    @Order(6)
    void download_bringsTheBytesOfTheReportsDigest() throws Exception {
        JsonNode run = report.at("/runs/1");
        Path target = folder.resolve("downloaded");
        Result result = server.run("models", "download", run.path("model").asText(), target.toString());
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(TinyWorkspace.sha256(target.resolve("model.safetensors")))
                .isEqualTo(run.path("digest").asText());
        assertThat(result.err()).contains(run.path("digest").asText());
        assertThat(target.resolve("packed.safetensors")).exists();
        assertThat(target.resolve("vocab.txt")).exists();
        assertThat(result.json().path("files")).hasSizeGreaterThanOrEqualTo(5);
    }

    /** A downloaded encoder is a Hugging Face folder again: uploaded, it has the same bytes. */
    @Test
    @Order(7)
    void upload_ofADownload_isAccepted() throws Exception {
        Path target = folder.resolve("copy");
        assertThat(server.run("models", "download", "encoder", target.toString())
                        .code())
                .isZero();
        Result result = server.run("models", "import", "encoder-2", target.toString());
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(TinyWorkspace.sha256(server.data.resolve("models/encoder-2/model.safetensors")))
                .isEqualTo(TinyWorkspace.sha256(server.data.resolve("models/encoder/model.safetensors")));
    }

    @Test
    @Order(8)
    void sameRequestTwice_isOneJob() throws Exception {
        String request = "7b1f2a34-0000-4000-8000-00000000e2e1";
        String yaml = TinyServer.evaluate("teacher");
        Result first = server.submit(yaml, "--request-id", request),
                again = server.submit(yaml, "--request-id", request);
        assertThat(first.code()).as(first.err()).isZero();
        assertThat(again.code()).as(again.err()).isZero();
        assertThat(id(again.json())).isEqualTo(id(first.json()));
        Result other = server.submit(TinyServer.evaluate("student-ti-g-1"), "--request-id", request);
        assertThat(other.code()).isNotZero();
        assertThat(server.run("jobs", "watch", id(first.json())).code()).isZero();
    }

    @Test
    @Order(9)
    void existingNames_areRefused() throws Exception {
        Result model = server.run(
                "models", "import", "encoder", server.imports.resolve("hf").toString());
        assertThat(model.code()).isEqualTo(2);
        assertThat(model.err()).contains("encoder");
        Result job = server.submit(TinyServer.fineTune("encoder", "teacher", 2));
        assertThat(job.code()).isEqualTo(3);
        assertThat(job.err()).contains("spec.fine_tune.output_model");
    }

    @Test
    @Order(10)
    void unknownJob_isNotFound() {
        assertThat(server.run("jobs", "report", "no-such-job").code()).isEqualTo(8);
        assertThat(Files.isDirectory(server.data.resolve("models"))).isTrue();
    }
}
