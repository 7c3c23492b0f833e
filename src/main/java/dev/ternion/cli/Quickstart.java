package dev.ternion.cli;

import dev.ternion.api.v1.CreateJobRequest;
import dev.ternion.api.v1.Dataset;
import dev.ternion.api.v1.DatasetFormat;
import dev.ternion.api.v1.GetJobReportRequest;
import dev.ternion.api.v1.ImportDatasetHeader;
import dev.ternion.api.v1.ImportModelHeader;
import dev.ternion.api.v1.Job;
import dev.ternion.api.v1.JobReport;
import dev.ternion.api.v1.Model;
import dev.ternion.api.v1.TabularFormat;
import io.grpc.StatusRuntimeException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.UUID;

/** The quickstart against a server that is there: import, fine-tune, QAT, table. Over gRPC only. */
final class Quickstart {
    private final Session session;
    private final Connection connection;
    private final QuickstartJobs jobs;
    private final ServerProcess server;
    private final QuickstartEncoder encoder;

    /**
     * A quickstart.
     *
     * @param encoder what the teacher starts from
     * @param server the server if it is ours: it may read the encoder's file; null if it is not
     */
    Quickstart(
            Session session,
            Connection connection,
            QuickstartJobs jobs,
            QuickstartEncoder encoder,
            ServerProcess server) {
        this.session = session;
        this.connection = connection;
        this.jobs = encoder.random() ? jobs.fromRandomWeights() : jobs;
        this.encoder = encoder;
        this.server = server;
    }

    /** Runs all of it; the exit code. */
    int run() throws IOException, InterruptedException {
        importModel();
        importDataset();
        JobReport teacher = train("1/2  Fine-tuning the teacher (full precision)", jobs.teacher());
        if (teacher == null) {
            return ExitCode.JOB_FAILED;
        }
        JobReport student =
                train("2/2  Training the ternary student, without and with Teacher Intervention", jobs.student());
        if (student == null) {
            return ExitCode.JOB_FAILED;
        }
        session.say("");
        ReportTable.lines(student, teacher).forEach(session::say);
        session.say("");
        nextCommands(student);
        session.json(Json.print(student));
        return ExitCode.OK;
    }

    private void importModel() throws IOException, InterruptedException {
        boolean ours = server != null;
        ImportModelHeader header = ImportModelHeader.newBuilder()
                .setModelId(jobs.encoder())
                .setDisplayName(encoder.displayName())
                .setServerPath(ours ? encoder.path().toString() : "")
                .build();
        Model model = Imports.model(connection, header, ours ? List.of() : encoder.files());
        session.say("Encoder " + Names.id(model.getName()) + ": " + ModelsListCommand.describe(model));
    }

    private void importDataset() throws IOException, InterruptedException {
        DatasetFormat format = DatasetFormat.newBuilder()
                .setTabular(TabularFormat.newBuilder()
                        .setTrainFile("train.tsv")
                        .setEvalFile("eval.tsv")
                        .setTextA("text")
                        .setLabel("label"))
                .build();
        ImportDatasetHeader header = ImportDatasetHeader.newBuilder()
                .setDatasetId(jobs.dataset())
                .setDisplayName("Clickbait and news headlines")
                .setFormat(format)
                .build();
        Dataset dataset = Imports.dataset(connection, header, List.of(resource("train.tsv"), resource("eval.tsv")));
        session.say(
                "Data set " + Names.id(dataset.getName()) + ": " + dataset.getTrainRows() + " headlines to train on, "
                        + dataset.getEvalRows() + " to evaluate on; " + String.join(" or ", dataset.getLabelsList()));
    }

    private static UploadFiles.Entry resource(String name) {
        return new UploadFiles.Entry(name, () -> {
            InputStream in = Quickstart.class.getResourceAsStream("/quickstart/" + name);
            if (in == null) {
                throw new FileNotFoundException("/quickstart/" + name + " is not on the class path");
            }
            return in;
        });
    }

    /** Submits a job and follows it; its report, or null when it did not succeed. */
    private JobReport train(String title, Job job) {
        session.say("");
        session.say(title);
        Job created = connection
                .jobs()
                .createJob(CreateJobRequest.newBuilder()
                        .setJob(job)
                        .setRequestId(UUID.randomUUID().toString())
                        .build());
        FollowJob follow =
                new FollowJob(session, connection, server == null ? List.of() : List.of(server.leftRunning()));
        Job end = follow(follow, created.getName());
        if (follow.exitCode(end) != ExitCode.OK) {
            session.json(Json.print(end));
            return null;
        }
        return connection
                .jobs()
                .getJobReport(
                        GetJobReportRequest.newBuilder().setName(end.getName()).build());
    }

    /** While a person only looks on, the server is not bound to this process: Ctrl-C leaves the job running. */
    private Job follow(FollowJob follow, String name) {
        if (server == null) {
            return follow.run(name, null);
        }
        server.keep();
        try {
            Job end = follow.run(name, null);
            server.own();
            return end;
        } catch (StatusRuntimeException e) {
            server.own();
            throw e;
        }
    }

    private void nextCommands(JobReport report) {
        String model = report.getModelsCount() == 0 ? "MODEL" : report.getModels(report.getModelsCount() - 1);
        session.say("Next:");
        session.say("  bin/ternion serve" + (server == null ? "" : " --data " + server.dataFolder()));
        session.say("  bin/ternion models download " + model + " " + model);
        session.say("  bin/ternion jobs submit -f src/examples/quickstart-qat.yaml --wait");
    }
}
