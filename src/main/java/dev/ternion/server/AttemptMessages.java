package dev.ternion.server;

import static dev.ternion.api.EventMapper.timestamp;

import dev.ternion.api.ResourceNames;
import dev.ternion.api.v1.JobAttempt;
import dev.ternion.api.v1.ListAttemptsResponse;
import dev.ternion.jobs.AttemptEntry;
import java.util.List;

/** Attempts as messages. */
final class AttemptMessages {
    private AttemptMessages() {}

    static ListAttemptsResponse list(String jobId, List<AttemptEntry> attempts) {
        ListAttemptsResponse.Builder response = ListAttemptsResponse.newBuilder();
        attempts.forEach(attempt -> response.addAttempts(attempt(jobId, attempt)));
        return response.build();
    }

    private static JobAttempt attempt(String jobId, AttemptEntry attempt) {
        JobAttempt.Builder proto = JobAttempt.newBuilder()
                .setName(ResourceNames.JOB.name(jobId) + "/attempts/" + attempt.number())
                .setNumber(attempt.number())
                .setStartTime(timestamp(attempt.started()))
                .setReason(attempt.reason());
        if (attempt.end() != null) {
            proto.setEndTime(timestamp(attempt.ended()))
                    .setOutcome(JobAttempt.Outcome.valueOf("OUTCOME_" + attempt.end()));
        }
        return proto.build();
    }
}
