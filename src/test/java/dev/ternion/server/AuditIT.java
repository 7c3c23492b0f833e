package dev.ternion.server;

import static dev.ternion.server.TestServer.refused;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.rpc.Status;
import dev.ternion.api.SpecFixtures;
import dev.ternion.api.v1.CancelJobRequest;
import dev.ternion.api.v1.GetJobRequest;
import dev.ternion.api.v1.JobServiceGrpc.JobServiceBlockingStub;
import dev.ternion.api.v1.ListJobsRequest;
import dev.ternion.audit.AuditCheck;
import dev.ternion.audit.AuditLog;
import dev.ternion.auth.Role;
import dev.ternion.worker.MutableClock;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What stands in the audit log after calls. */
class AuditIT {
    private static final String JOBS = "ternion.v1.JobService/";

    @TempDir
    private Path folder;

    private final AtomicLong nanos = new AtomicLong();
    private final AtomicReference<IOException> failed = new AtomicReference<>();
    private Path data;
    private TestServer test;

    @BeforeEach
    void start() throws Exception {
        data = Files.createDirectories(folder.resolve("data"));
        Audit audit = new Audit(new AuditLog(data, new MutableClock()), nanos::get, failed::set);
        test = new TestServer(
                folder, settings -> settings, new ServerAccess(null, new FixedTokens(), audit, nanos::get));
    }

    @AfterEach
    void stop() throws Exception {
        test.close();
    }

    private JobServiceBlockingStub as(Role role) {
        Metadata headers = new Metadata();
        headers.put(RequestIdInterceptor.HEADER, "call-by-" + role.text());
        return test.jobs.withInterceptors(
                Bearer.of(FixedTokens.token(role, "default")), MetadataUtils.newAttachHeadersInterceptor(headers));
    }

    private List<JsonNode> lines() throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : Files.readAllLines(data.resolve("audit/audit-000001.jsonl"))) {
            lines.add(new ObjectMapper().readTree(line));
        }
        assertThat(AuditCheck.of(data, 0, "").findings()).isEmpty();
        return lines;
    }

    private static String told(JsonNode line) {
        return String.join(
                " ",
                line.path("who").asText(),
                line.path("what").asText().replace(JOBS, ""),
                line.path("resource").asText(),
                line.path("result").asText(),
                line.path("request").asText());
    }

    @Test
    void changesAndRefusalsStandThereAndReadsDoNot() throws Exception {
        as(Role.SUBMITTER).createJob(TestServer.request("job-a", SpecFixtures.evaluate()));
        as(Role.SUBMITTER)
                .getJob(GetJobRequest.newBuilder()
                        .setName(TestServer.name("job-a"))
                        .build());
        as(Role.SUBMITTER).listJobs(ListJobsRequest.getDefaultInstance());
        as(Role.SUBMITTER)
                .createJob(TestServer.request("job-b", SpecFixtures.evaluate()).toBuilder()
                        .setValidateOnly(true)
                        .build());
        CancelJobRequest none =
                CancelJobRequest.newBuilder().setName(TestServer.name("none")).build();
        refused(() -> as(Role.SUBMITTER).cancelJob(none));
        refused(() -> as(Role.OPERATOR).cancelJob(none));
        refused(() -> test.jobs.listJobs(ListJobsRequest.getDefaultInstance()));
        List<JsonNode> lines = lines();
        assertThat(lines.stream().map(AuditIT::told).toList().subList(0, 3))
                .containsExactly(
                        "token:submitter@default CreateJob projects/default/jobs/job-a OK call-by-submitter",
                        "token:submitter@default CancelJob  PERMISSION_DENIED call-by-submitter",
                        "token:operator@default CancelJob projects/default/jobs/none NOT_FOUND call-by-operator");
        assertThat(lines).hasSize(4);
        assertThat(told(lines.get(3))).startsWith("peer:127.0.0.1 ListJobs  UNAUTHENTICATED");
        assertThat(lines.get(0).path("peer").asText()).startsWith("/127.0.0.1:");
    }

    @Test
    void aStrangerCannotFillTheDiskAndWhatWasLeftOutIsCounted() throws Exception {
        int calls = Audit.FAILED_AT_ONCE + 30;
        for (int i = 0; i < calls; i++) {
            refused(() -> test.jobs.listJobs(ListJobsRequest.getDefaultInstance()));
        }
        assertThat(lines()).hasSize(Audit.FAILED_AT_ONCE);
        as(Role.SUBMITTER).createJob(TestServer.request("job-a", SpecFixtures.evaluate()));
        List<JsonNode> lines = lines();
        assertThat(lines.get(lines.size() - 1).path("skipped").asInt()).isEqualTo(30);
    }

    @Test
    void aChangeThatCannotBeNotedIsNotAnsweredAsDone() throws Exception {
        as(Role.SUBMITTER).createJob(TestServer.request("job-a", SpecFixtures.evaluate()));
        Files.delete(data.resolve("audit/lock"));
        Files.createDirectory(data.resolve("audit/lock"));
        Status status =
                refused(() -> as(Role.SUBMITTER).createJob(TestServer.request("job-b", SpecFixtures.evaluate())));
        assertThat(status.getCode()).isEqualTo(io.grpc.Status.Code.UNAVAILABLE.value());
        assertThat(failed).doesNotHaveValue(null);
    }
}
