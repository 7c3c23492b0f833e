package dev.ternion.cli;

import dev.ternion.api.v1.CreateJobRequest;
import dev.ternion.api.v1.Job;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Creates a job from a file. */
@Command(name = "submit", description = "Submits a job; with --wait, follows it to its end and shows its report.")
final class JobsSubmitCommand implements Callable<Integer> {
    private final Session session;

    @Option(
            names = {"-f", "--file"},
            required = true,
            paramLabel = "FILE",
            description = "Job in YAML or JSON (message Job of proto/ternion/v1/job.proto); - for stdin.")
    private String file;

    @Option(names = "--wait", description = "Follows the job to its end and shows its report.")
    private boolean wait;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            converter = DurationOption.class,
            description = "Longest wait, for example 30m; then exit code 5, and the job still runs.")
    private Duration timeout;

    @Option(
            names = "--request-id",
            paramLabel = "ID",
            description = "Makes the submit repeatable: the same id with the same job finds the first one again.")
    private String requestId;

    @Option(names = "--job-id", defaultValue = "", paramLabel = "ID", description = "Id of the new job.")
    private String jobId;

    @Option(names = "--validate-only", description = "Only checks the job.")
    private boolean validateOnly;

    JobsSubmitCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException {
        CreateJobRequest request = CreateJobRequest.newBuilder()
                .setJob(JobFile.read(file))
                .setJobId(jobId)
                .setRequestId(requestId == null ? UUID.randomUUID().toString() : Names.requestId(requestId))
                .setValidateOnly(validateOnly)
                .build();
        try (Connection connection = session.connect()) {
            Job job = connection.jobs().createJob(request);
            if (validateOnly) {
                session.say("The job is valid.");
            } else {
                session.say("Job " + Names.id(job.getName()) + " " + EventText.state(job.getState())
                        + (job.getStateReason().isEmpty() ? "" : ": " + job.getStateReason()));
            }
            if (!wait || validateOnly) {
                session.json(Json.print(job));
                return ExitCode.OK;
            }
            FollowJob follow = new FollowJob(session, connection, List.of());
            Job end = follow.run(job.getName(), timeout);
            session.json(Json.print(end));
            int code = follow.exitCode(end);
            if (code == ExitCode.OK && end.getReportReady()) {
                JobsReportCommand.show(session, connection, end.getName());
            }
            return code;
        }
    }
}
