package dev.ternion.cli;

import dev.ternion.api.v1.Arm;
import dev.ternion.api.v1.FineTuneSpec;
import dev.ternion.api.v1.ForkJobRequest;
import dev.ternion.api.v1.GetJobRequest;
import dev.ternion.api.v1.Job;
import dev.ternion.api.v1.JobServiceGrpc;
import dev.ternion.api.v1.JobSpec;
import dev.ternion.api.v1.QatSpec;
import java.io.IOException;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Creates a job that begins at a checkpoint of another. */
@Command(
        name = "fork",
        description = "Creates a job that begins at a checkpoint of another, with its spec or with a changed one.")
final class JobsForkCommand implements Callable<Integer> {
    private final Session session;

    @Parameters(index = "0", paramLabel = "JOB", description = "Id or name of the job that made the checkpoint.")
    private String source;

    @Parameters(index = "1", paramLabel = "STEP", description = "Step of the checkpoint, as checkpoints list tells it.")
    private long step;

    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            description = "New job in YAML or JSON, all of its spec; - for stdin. Default: the spec of JOB.")
    private String file;

    @Option(names = "--steps", paramLabel = "N", description = "Changes the steps of the training, those done counted.")
    private Integer steps;

    @Option(names = "--learning-rate", paramLabel = "RATE", description = "Changes the peak rate of all optimizers.")
    private Double learningRate;

    @Option(names = "--job-id", defaultValue = "", paramLabel = "ID", description = "Id of the new job.")
    private String jobId;

    @Option(
            names = "--request-id",
            paramLabel = "ID",
            description = "Makes the fork repeatable: the same id with the same request finds the first job again.")
    private String requestId;

    @Option(names = "--validate-only", description = "Only checks the new job.")
    private boolean validateOnly;

    JobsForkCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException {
        try (Connection connection = session.connect()) {
            Job wanted = wanted(connection);
            // Not the stub with a deadline: all bytes of the checkpoint are read.
            Job job = JobServiceGrpc.newBlockingStub(connection.channel())
                    .forkJob(ForkJobRequest.newBuilder()
                            .setName(Names.checkpoint(source, step))
                            .setSpec(wanted.getSpec())
                            .setDisplayName(wanted.getDisplayName())
                            .setPriority(wanted.getPriority())
                            .setJobId(jobId)
                            .setRequestId(requestId == null ? UUID.randomUUID().toString() : Names.requestId(requestId))
                            .setValidateOnly(validateOnly)
                            .build());
            session.say(
                    validateOnly
                            ? "The job is valid."
                            : "Job " + Names.id(job.getName()) + " " + EventText.state(job.getState()) + ", from "
                                    + job.getForkedFrom());
            session.json(Json.print(job));
            return ExitCode.OK;
        }
    }

    private Job wanted(Connection connection) throws IOException {
        if (file == null && steps == null && learningRate == null) {
            return Job.getDefaultInstance();
        }
        Job.Builder job = file == null ? ofSource(connection) : JobFile.read(file).toBuilder();
        if (job.getSpec().hasFineTune()) {
            change(job.getSpecBuilder().getFineTuneBuilder());
        } else if (job.getSpec().hasQat()) {
            change(job.getSpecBuilder().getQatBuilder());
        }
        return job.build();
    }

    private Job.Builder ofSource(Connection connection) {
        GetJobRequest request =
                GetJobRequest.newBuilder().setName(Names.job(source)).build();
        JobSpec.Builder spec = connection.jobs().getJob(request).getSpec().toBuilder();
        if (spec.hasFineTune()) {
            spec.getFineTuneBuilder().clearOutputModel();
        } else if (spec.hasQat()) {
            spec.getQatBuilder().clearOutputModel();
        }
        return Job.newBuilder().setSpec(spec);
    }

    private void change(FineTuneSpec.Builder spec) {
        if (steps != null) {
            spec.getBudgetBuilder().clearEpochs().setSteps(steps);
        }
        if (learningRate != null) {
            spec.getOptimizerBuilder().setLearningRate(learningRate);
        }
    }

    private void change(QatSpec.Builder spec) {
        if (steps != null) {
            spec.getBudgetBuilder().clearEpochs().setSteps(steps);
        }
        if (learningRate != null) {
            for (Arm.Builder arm : spec.getArmsBuilderList()) {
                arm.getOptimizerBuilder().setLearningRate(learningRate);
                if (arm.hasInterventionOptimizer()) {
                    arm.getInterventionOptimizerBuilder().setLearningRate(learningRate);
                }
            }
        }
    }
}
