package dev.ternion;

import static dev.ternion.observe.otel.SpanCollector.attributes;
import static dev.ternion.observe.otel.SpanCollector.hex;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.ternion.api.v1.CreateJobRequest;
import dev.ternion.api.v1.GetJobRequest;
import dev.ternion.api.v1.Job;
import dev.ternion.api.v1.JobServiceGrpc;
import dev.ternion.api.v1.JobServiceGrpc.JobServiceBlockingStub;
import dev.ternion.observe.otel.SpanCollector;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A call, the job it makes and what that does are one trace, in two processes; without --traces there is nothing of it. */
class TracesIT {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String PARENT = "00f067aa0ba902b7";

    @TempDir
    Path folder;

    @Test
    void aJobIsOneTraceAndNoneWaitsForACollectorThatIsAway() throws Exception {
        SpanCollector collector = new SpanCollector();
        try (collector;
                TinyServer server = new TinyServer(folder, Optional.of(collector.address()))) {
            server.filled();
            run(server, "traced");
            await().until(() -> find(collector, "attempt").size() == 1
                    && !find(collector, "ternion.v1.JobService/CreateJob").isEmpty());
            collector.close();
            run(server, "untraced");
        }
        Span create = find(collector, "ternion.v1.JobService/CreateJob").get(0);
        assertThat(hex(create.getTraceId())).isEqualTo(TRACE);
        assertThat(hex(create.getParentSpanId())).isEqualTo(PARENT);
        assertThat(attributes(create.getAttributesList()))
                .isEqualTo(Map.of(
                        "rpc.system", "grpc",
                        "rpc.service", "ternion.v1.JobService",
                        "rpc.method", "CreateJob",
                        "rpc.grpc.status_code", "0"));
        Span attempt = find(collector, "attempt").get(0);
        assertThat(attempt.getTraceId()).isEqualTo(create.getTraceId());
        assertThat(attempt.getParentSpanId()).isEqualTo(create.getSpanId());
        assertThat(attributes(attempt.getAttributesList()))
                .isEqualTo(Map.of(
                        "ternion.job", "traced",
                        "ternion.attempt", "1",
                        "ternion.device", "cpu",
                        "ternion.steps", "3",
                        "ternion.outcome", "SUCCEEDED"));
        List<Span> inside = collector.spans.stream()
                .filter(span -> span.getParentSpanId().equals(attempt.getSpanId()))
                .toList();
        assertThat(inside)
                .extracting(Span::getName)
                .contains("phase LOADING", "phase TRAINING", "phase SAVING", "checkpoint");
        assertThat(inside).allSatisfy(span -> {
            assertThat(span.getTraceId()).isEqualTo(create.getTraceId());
            assertThat(span.getStartTimeUnixNano()).isGreaterThanOrEqualTo(attempt.getStartTimeUnixNano());
            assertThat(span.getEndTimeUnixNano()).isBetween(span.getStartTimeUnixNano(), attempt.getEndTimeUnixNano());
        });
        Span absent = find(collector, "ternion.v1.JobService/GetJob").get(0);
        assertThat(attributes(absent.getAttributesList())).containsEntry("rpc.grpc.status_code", "5");
        assertThat(collector.services).contains("ternion", "ternion-worker");
        assertThat(collector.spans.toString())
                .doesNotContain("encoder", "tiny-task", "the name", folder.toString(), "text of the token");
    }

    /** Asks for a job that does not exist, makes this one, and waits for its end. */
    private static void run(TinyServer server, String id) {
        ManagedChannel channel =
                ManagedChannelBuilder.forTarget(server.address()).usePlaintext().build();
        try {
            Metadata headers = new Metadata();
            headers.put(
                    Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER),
                    "00-" + TRACE + "-" + PARENT + "-01");
            headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer text of the token");
            JobServiceBlockingStub jobs = JobServiceGrpc.newBlockingStub(channel)
                    .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
            assertThatThrownBy(() -> jobs.getJob(get("absent"))).isInstanceOf(StatusRuntimeException.class);
            CreateJobRequest.Builder create = CreateJobRequest.newBuilder().setJobId(id);
            create.getJobBuilder().setSpec(KilledServerIT.fineTune(3)).setDisplayName("the name");
            jobs.createJob(create.build());
            await().atMost(Duration.ofMinutes(1))
                    .until(() -> jobs.getJob(get(id)).getState() == Job.State.STATE_SUCCEEDED);
        } finally {
            channel.shutdownNow();
        }
    }

    private static GetJobRequest get(String id) {
        return GetJobRequest.newBuilder().setName("projects/default/jobs/" + id).build();
    }

    private static List<Span> find(SpanCollector collector, String name) {
        return collector.spans.stream()
                .filter(span -> span.getName().equals(name))
                .toList();
    }

    /** Of all classes that a server and a worker load, none is OpenTelemetry's. */
    @Test
    void withoutACollectorNoClassOfItIsLoaded() throws Exception {
        new TinyServer(folder).filled().close();
        Path log = Files.createFile(folder.resolve("log")), classes = Files.createDirectory(folder.resolve("classes"));
        Map<String, String> environment =
                Map.of("JAVA_TOOL_OPTIONS", "-Xlog:class+load=info:file=" + classes.resolve("%p.log"));
        try (ServerProcess server = new ServerProcess(folder.resolve("data"), log, environment)) {
            GoldenFolder.create(server, "plain", KilledServerIT.fineTune(3));
            GoldenFolder.awaitState(server, "plain", Job.State.STATE_SUCCEEDED);
            assertThat(server.stop()).isZero();
        }
        assertThat(loaded(classes, "dev.ternion.LocalServer ")).hasSize(1);
        assertThat(loaded(classes, "dev.ternion.LocalWorker ")).isNotEmpty();
        assertThat(loaded(classes, "dev.ternion.worker.Attempt ")).hasSize(1);
        assertThat(loaded(classes, "opentelemetry")).isEmpty();
        assertThat(loaded(classes, "dev.ternion.observe.otel")).isEmpty();
    }

    /** Lines that name it, of all processes. */
    private static List<String> loaded(Path classes, String name) throws IOException {
        try (Stream<Path> logs = Files.list(classes)) {
            return logs.flatMap(TracesIT::lines)
                    .filter(line -> line.contains(name))
                    .toList();
        }
    }

    private static Stream<String> lines(Path log) {
        try {
            return Files.readAllLines(log).stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
