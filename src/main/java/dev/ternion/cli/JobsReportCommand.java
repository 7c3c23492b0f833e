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
            session.json(Json.print(show(session, connection, Names.job(name))));
            return ExitCode.OK;
        }
    }

    /** Fetches a report and shows it to people. */
    static JobReport show(Session session, Connection connection, String job) {
        JobReport report = connection
                .jobs()
                .getJobReport(GetJobReportRequest.newBuilder().setName(job).build());
        ReportTable.lines(report, null).forEach(session::say);
        return report;
    }
}
