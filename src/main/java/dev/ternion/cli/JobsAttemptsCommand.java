package dev.ternion.cli;

import com.google.protobuf.Timestamp;
import dev.ternion.api.v1.JobAttempt;
import dev.ternion.api.v1.ListAttemptsRequest;
import dev.ternion.api.v1.ListAttemptsResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Lists the attempts at a job. */
@Command(name = "attempts", description = "Lists the attempts at a job, newest first, and how they ended.")
final class JobsAttemptsCommand implements Callable<Integer> {
    private final Session session;

    @Parameters(paramLabel = "NAME", description = "Id or name of the job.")
    private String name;

    JobsAttemptsCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        try (Connection connection = session.connect()) {
            ListAttemptsResponse response = connection
                    .jobs()
                    .listAttempts(ListAttemptsRequest.newBuilder()
                            .setParent(Names.job(name))
                            .build());
            List<List<String>> rows = new ArrayList<>();
            for (JobAttempt attempt : response.getAttemptsList()) {
                rows.add(List.of(
                        String.valueOf(attempt.getNumber()),
                        time(attempt.getStartTime()),
                        attempt.hasEndTime() ? time(attempt.getEndTime()) : "-",
                        attempt.hasEndTime() ? attempt.getOutcome().name().substring("OUTCOME_".length()) : "-",
                        attempt.getReason()));
            }
            TextTable.print(session, List.of("attempt", "started", "ended", "outcome", "reason"), rows, "no attempts");
            session.json(Json.print(response));
            return ExitCode.OK;
        }
    }

    private static String time(Timestamp time) {
        return Instant.ofEpochSecond(time.getSeconds()).toString();
    }
}
