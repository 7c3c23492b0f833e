package dev.ternion.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.Any;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import dev.ternion.api.v1.ArmContrast;
import dev.ternion.api.v1.Contrast;
import dev.ternion.api.v1.Job;
import dev.ternion.api.v1.JobReport;
import dev.ternion.api.v1.Run;
import dev.ternion.cli.FakeServer.Result;
import io.grpc.Status.Code;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobsCommandsIT {
    private static final String JOB = """
        displayName: test
        spec:
          qat:
            teacher: teacher-1
            data: { dataset: heads, padding: MASKED }
            seeds: [1, 2]
            arms:
              - name: control
                optimizer: { learningRate: 2e-5 }
        """;

    @TempDir
    private Path folder;

    private FakeServer server;
    private String file;

    @BeforeEach
    void start() throws IOException {
        server = new FakeServer();
        file = Files.writeString(folder.resolve("job.yaml"), JOB).toString();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void submitPrintsTheJobAsJsonAndNothingElseOnStdout() throws IOException {
        Result result = server.run("jobs", "submit", "-f", file, "--output", "json");

        assertThat(result.code()).isZero();
        assertThat(json(result).path("name").asText()).isEqualTo("projects/default/jobs/job-1");
        assertThat(json(result).at("/spec/qat/data/padding").asText()).isEqualTo("PADDING_MASKED");
        assertThat(json(result).at("/spec/qat/arms/0/optimizer/learningRate").asDouble())
                .isEqualTo(2e-5);
        assertThat(result.err()).contains("Job job-1 QUEUED");
        assertThat(server.jobs.created.get(0).getRequestId()).isNotEmpty();
    }

    @Test
    void aTerminalGetsNoJsonUnlessAskedFor() throws IOException {
        Terminal terminal = new Terminal(true, true, 80);

        assertThat(server.run(terminal, "jobs", "submit", "-f", file).out()).isEmpty();
        assertThat(json(server.run(terminal, "jobs", "submit", "-f", file, "-o", "json")))
                .isNotEmpty();
    }

    @Test
    void waitFollowsToTheEnd() throws IOException {
        Result result = server.run("jobs", "submit", "-f", file, "--wait");

        assertThat(result.code()).isZero();
        assertThat(json(result).path("state").asText()).isEqualTo("STATE_SUCCEEDED");
        assertThat(result.err())
                .contains("intervention (ti-g, seed 1)")
                .contains("step 1/3  ti-g, seed 1  intervention at MAP  loss 0.5000  ETA 1:05")
                .doesNotContain("step 2/3")
                .contains("Job job-1 SUCCEEDED.");
    }

    @Test
    void aBarIsDrawnOnATerminal() {
        Result result = server.run(new Terminal(true, true, 120), "jobs", "watch", "job-1");

        assertThat(result.code()).isZero();
        assertThat(result.err()).contains("3/3").contains("intervention at MAP").contains("SUCCEEDED");
    }

    @Test
    void allJobsAreFollowedThroughBrokenStreams() throws IOException {
        Result result = server.run("jobs", "watch", "--all", "--output", "json");

        assertThat(server.jobs.tokens).containsExactly("", "t2", "t5", "");
        assertThat(result.code()).isEqualTo(ExitCode.AUTH);
        assertThat(result.err())
                .containsSubsequence(
                        "job-1 RUNNING",
                        "connection lost (UNAVAILABLE); connecting again",
                        "connected again",
                        "These are all jobs",
                        "job-1 deleted",
                        "all jobs again",
                        "no longer");
        assertThat(result.out().lines())
                .hasSize(5)
                .allSatisfy(line -> assertThat(new ObjectMapper().readTree(line).has("resumeToken"))
                        .isTrue());
        assertThat(result.out().lines().toList().get(1)).contains("\"state\":\"STATE_RUNNING\"");
    }

    @Test
    void aWatchOfAllJobsShowsProgressIfAsked() {
        Result result = server.run("jobs", "watch", "--all", "--progress");
        assertThat(result.err()).contains("job-1 step 2/3  fine-tuning  loss 0.5000");
        assertThat(server.run("jobs", "watch", "job-1", "--progress").code()).isEqualTo(ExitCode.USAGE);
    }

    @Test
    void aWatchOfAllJobsEndsWithItsTime() {
        assertThat(server.run("jobs", "watch", "--all", "--filter", "state=RUNNING", "--timeout", "1s")
                        .code())
                .isEqualTo(ExitCode.TIMED_OUT);
        assertThat(server.run("jobs", "watch").code()).isEqualTo(ExitCode.USAGE);
        assertThat(server.run("jobs", "watch", "job-1", "--all").code()).isEqualTo(ExitCode.USAGE);
        assertThat(server.run("jobs", "watch", "job-1", "--filter", "state=RUNNING")
                        .code())
                .isEqualTo(ExitCode.USAGE);
    }

    @Test
    void aFailedJobSaysWhyAndExitsWith1() throws IOException {
        server.jobs.end = Job.State.STATE_FAILED;
        server.jobs.endError = Status.newBuilder()
                .setCode(Code.ABORTED.value())
                .setMessage("loss \"scores\" is NaN at step 7")
                .addDetails(Any.pack(ErrorInfo.newBuilder()
                        .setReason("LOSS_NOT_FINITE")
                        .setDomain("ternion.dev")
                        .build()))
                .build();

        Result result = server.run("jobs", "submit", "-f", file, "--wait");

        assertThat(result.code()).isEqualTo(ExitCode.JOB_FAILED);
        assertThat(result.err())
                .contains("LOSS_NOT_FINITE: loss \"scores\" is NaN at step 7", "Lower the learning rate");
        assertThat(json(result).at("/error/details/0/reason").asText()).isEqualTo("LOSS_NOT_FINITE");
    }

    @Test
    void everyViolationIsShownWithItsPath() {
        server.jobs.refusal = FakeJobs.refuse(
                Code.INVALID_ARGUMENT,
                "SPEC_INVALID",
                "2 fields are wrong",
                BadRequest.newBuilder()
                        .addFieldViolations(BadRequest.FieldViolation.newBuilder()
                                .setField("spec.qat.budget.steps")
                                .setDescription("is 0; wanted 1 or more"))
                        .addFieldViolations(BadRequest.FieldViolation.newBuilder()
                                .setField("spec.qat.teacher")
                                .setDescription("no such model"))
                        .build());

        Result result = server.run("jobs", "submit", "-f", file);

        assertThat(result.code()).isEqualTo(ExitCode.SPEC_INVALID);
        assertThat(result.out()).isEmpty();
        assertThat(result.err().lines())
                .containsExactly(
                        "SPEC_INVALID: 2 fields are wrong",
                        "  spec.qat.budget.steps: is 0; wanted 1 or more",
                        "  spec.qat.teacher: no such model",
                        "Correct the job file; `jobs submit --validate-only -f FILE` checks it again.");
    }

    @Test
    void aFullQueueExitsWith4() {
        server.jobs.refusal = FakeJobs.refuse(Code.RESOURCE_EXHAUSTED, "QUEUE_FULL", "100 jobs wait; at most 100 may");

        Result result = server.run("jobs", "submit", "-f", file);

        assertThat(result.code()).isEqualTo(ExitCode.UNAVAILABLE);
        assertThat(result.err()).contains("QUEUE_FULL: 100 jobs wait").contains("jobs cancel NAME");
    }

    @Test
    void theSameRequestIdAttachesToTheSameJob() throws IOException {
        String first = json(server.run("jobs", "submit", "-f", file, "--wait", "--request-id", "pipeline 7"))
                .path("name")
                .asText();
        String again = json(server.run("jobs", "submit", "-f", file, "--wait", "--request-id", "pipeline 7"))
                .path("name")
                .asText();

        assertThat(again).isEqualTo(first);
        assertThat(server.jobs.byRequest).hasSize(1);
        assertThat(server.jobs.created.get(0).getRequestId()).matches("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f-]{21}");
    }

    @Test
    void aBrokenWatchGoesOnAfterTheLastEvent() throws IOException {
        server.jobs.breakAfter = 4;

        Result result = server.run("jobs", "watch", "job-1");

        assertThat(result.code()).isZero();
        assertThat(server.jobs.watchedFrom).hasSize(2).first().isEqualTo(1L);
        assertThat(result.err().lines().filter(line -> line.equals("QUEUED"))).hasSize(1);
        assertThat(json(result).path("state").asText()).isEqualTo("STATE_SUCCEEDED");
    }

    @Test
    void aTimeoutExitsWith5AndNamesTheJob() {
        server.jobs.endless = true;

        Result result = server.run("jobs", "watch", "job-1", "--timeout", "0.3s");

        assertThat(result.code()).isEqualTo(ExitCode.TIMED_OUT);
        assertThat(result.err())
                .contains("projects/default/jobs/job-1 still runs")
                .contains("bin/ternion jobs watch job-1 --server " + server.address());
    }

    @Test
    void anInterruptLeavesTheJobAndExitsWith130() {
        server.jobs.endless = true;
        Thread.currentThread().interrupt();

        Result result = server.run("jobs", "watch", "job-1");

        assertThat(Thread.interrupted()).isFalse();
        assertThat(result.code()).isEqualTo(ExitCode.INTERRUPTED);
        assertThat(result.err())
                .contains("Job job-1 goes on; follow it again with: bin/ternion jobs watch job-1 --server "
                        + server.address());
    }

    @Test
    void anUnknownJobExitsWith8() {
        assertThat(server.run("jobs", "get", "gone").code()).isEqualTo(ExitCode.NOT_FOUND);
        assertThat(server.run("jobs", "watch", "gone").code()).isEqualTo(ExitCode.NOT_FOUND);
    }

    @Test
    void listReadsAllPages() throws IOException {
        Result result = server.run("jobs", "list");

        assertThat(json(result).path("jobs")).hasSize(2);
        assertThat(result.err()).contains("job-2").contains("RUNNING");
    }

    @Test
    void cancelAndDeleteTellTheirOutcome() throws IOException {
        assertThat(server.run("jobs", "cancel", "job-1"))
                .extracting(Result::code)
                .isEqualTo(ExitCode.USAGE);
        assertThat(json(server.run("jobs", "delete", "job-1"))).isEmpty();
    }

    @Test
    void waitShowsTheReportAsTheReportCommandDoes() throws IOException {
        server.jobs.report = report();

        Result result = server.run("jobs", "submit", "-f", file, "--wait");

        String table = server.run("jobs", "report", "job-1").err();
        assertThat(table).contains("ti-g (INTERVENTION)");
        assertThat(result.code()).isZero();
        assertThat(result.err()).endsWith("Job job-1 SUCCEEDED." + System.lineSeparator() + table);
        assertThat(json(result).path("state").asText()).isEqualTo("STATE_SUCCEEDED");
    }

    @Test
    void onlyAWaitThatSucceededShowsAReport() {
        server.jobs.report = report();
        assertThat(server.run("jobs", "submit", "-f", file).err()).doesNotContain("INTERVENTION");
        server.jobs.end = Job.State.STATE_CANCELLED;
        assertThat(server.run("jobs", "submit", "-f", file, "--wait").err()).doesNotContain("INTERVENTION");
    }

    private static JobReport report() {
        return JobReport.newBuilder()
                .setKind("QAT")
                .setPrimaryMetric("accuracy")
                .putTeacher("accuracy", 0.98)
                .addRuns(run("ti-g", "INTERVENTION", 0.97, 40))
                .addRuns(run("control", "CONTROL", 0.95, -1))
                .addContrasts(ArmContrast.newBuilder()
                        .setIntervention("ti-g")
                        .setControl("control")
                        .setContrast(Contrast.newBuilder()
                                .setMetric("accuracy")
                                .setEstimate(0.02)
                                .setLow(-0.01)
                                .setHigh(0.05)
                                .setSeeds(1)
                                .setExamples(600)))
                .build();
    }

    @Test
    void reportIsATableForPeople() throws IOException {
        server.jobs.report = report();

        Result result = server.run("jobs", "report", "job-1");

        assertThat(json(result).path("runs")).hasSize(2);
        assertThat(result.err().lines().map(line -> line.replaceAll(" +", " ")))
                .containsExactly(
                        " accuracy best steps to 95 % of teacher steps seconds linear weights fp32 -> packed",
                        "teacher 0.9800 - - - - -",
                        "control (CONTROL) 0.9500 0.9500 never 240 30.5 42.47 MB -> 2.66 MB (16.0x)",
                        "ti-g (INTERVENTION) 0.9700 0.9700 40 240 30.5 42.47 MB -> 2.66 MB (16.0x)",
                        "ti-g - control: accuracy +0.0200 [-0.0100, +0.0500] (95 % interval, 1 seed, 600 examples)");
    }

    @Test
    void attemptsAreATableForPeople() throws IOException {
        Result result = server.run("jobs", "attempts", "job-1");

        assertThat(json(result).path("attempts")).hasSize(2);
        assertThat(result.err().lines().map(line -> line.replaceAll(" +", " ")))
                .containsExactly(
                        "attempt started ended outcome reason",
                        " 2 2030-03-17T17:46:40Z - -",
                        " 1 2030-03-17T17:46:40Z 2030-03-17T17:46:40Z LOST its worker ended");
    }

    @Test
    void noServerExitsWith4AndSaysWhatToDo() throws IOException {
        int port;
        Result result;
        // Bound, so that nobody else gets it, and not listening.
        try (Socket taken = new Socket()) {
            taken.bind(new InetSocketAddress("127.0.0.1", 0));
            port = taken.getLocalPort();
            result = FakeServer.run(
                    new FakeServer.NoLauncher(), Terminal.NONE, "jobs", "list", "--server", "127.0.0.1:" + port);
        }

        assertThat(result.code()).isEqualTo(ExitCode.UNAVAILABLE);
        assertThat(result.out()).isEmpty();
        assertThat(result.err())
                .contains("No server reached at 127.0.0.1:" + port + ": ")
                .contains("bin/ternion serve")
                .contains("--server HOST:PORT");
    }

    private static Run run(String arm, String role, double metric, int steps) {
        return Run.newBuilder()
                .setArm(arm)
                .setRole(role)
                .setSeed(1)
                .putMetrics("accuracy", metric)
                .setBest(metric)
                .setStepsToTeacherShare(steps)
                .setSteps(240)
                .setSeconds(30.5)
                .setFp32Bytes(42_467_328)
                .setPackedBytes(2_655_000)
                .build();
    }

    private static JsonNode json(Result result) throws IOException {
        return new ObjectMapper().readTree(result.out());
    }
}
