package dev.ternion.cli;

import dev.ternion.api.v1.GetJobReportRequest;
import dev.ternion.api.v1.JobReport;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Reads a report. */
@Command(name = "report", description = "Shows the report of a job that SUCCEEDED.")
final class JobsReportCommand implements Callable<Integer> {
    private final Session session;

    @Parameters(paramLabel = "NAME", description = "Id or name of the job.")
    private String name;

    JobsReportCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        try (Connection connection = session.connect()) {
            JobReport report = connection
                    .jobs()
                    .getJobReport(GetJobReportRequest.newBuilder()
                            .setName(Names.job(name))
                            .build());
            ReportTable.lines(report, null).forEach(session::say);
            session.json(Json.print(report));
            return ExitCode.OK;
        }
    }
}
