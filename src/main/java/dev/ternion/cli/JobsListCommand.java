package dev.ternion.cli;

import dev.ternion.api.v1.Job;
import dev.ternion.api.v1.JobSpec;
import dev.ternion.api.v1.ListJobsRequest;
import dev.ternion.api.v1.ListJobsResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists jobs. */
@Command(name = "list", description = "Lists jobs, newest first.")
final class JobsListCommand implements Callable<Integer> {
    private static final int PAGE = 200;

    private final Session session;

    @Option(names = "--filter", defaultValue = "", paramLabel = "FILTER", description = "For example state=RUNNING.")
    private String filter;

    @Option(names = "--limit", defaultValue = "100", paramLabel = "N", description = "At most so many. Default 100.")
    private int limit;

    JobsListCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        try (Connection connection = session.connect()) {
            ListJobsResponse.Builder all = ListJobsResponse.newBuilder();
            String token = "";
            do {
                ListJobsResponse page = connection
                        .jobs()
                        .listJobs(ListJobsRequest.newBuilder()
                                .setFilter(filter)
                                .setPageSize(Math.min(PAGE, Math.max(1, limit - all.getJobsCount())))
                                .setPageToken(token)
                                .build());
                all.addAllJobs(page.getJobsList());
                token = page.getNextPageToken();
            } while (!token.isEmpty() && all.getJobsCount() < limit);
            all.setNextPageToken(token);
            table(all.getJobsList());
            session.json(Json.print(all));
            return ExitCode.OK;
        }
    }

    private void table(List<Job> jobs) {
        List<List<String>> rows = new ArrayList<>();
        for (Job job : jobs) {
            JobSpec.KindCase kind = job.getSpec().getKindCase();
            rows.add(List.of(
                    Names.id(job.getName()),
                    kind == JobSpec.KindCase.KIND_NOT_SET ? "" : kind.name(),
                    EventText.state(job.getState()),
                    job.hasProgress()
                            ? job.getProgress().getStepsDone() + "/"
                                    + job.getProgress().getStepsTotal()
                            : "",
                    job.getStateReason()));
        }
        TextTable.print(session, List.of("job", "kind", "state", "steps", "reason"), rows, "no jobs");
    }
}
