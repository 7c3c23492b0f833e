package dev.ternion.jobs;

import java.util.Map;

/**
 * Why a job failed or expired.
 *
 * @param reason stable upper-case word
 * @param message what happened and what to do
 * @param details facts by name
 */
public record JobError(String reason, String message, Map<String, String> details) {
    /** It has had a device as long as it may. */
    public static final String DEADLINE = "DEADLINE";

    /** Its workers were lost, too often. */
    public static final String WORKER_LOST = "WORKER_LOST";

    public JobError {
        details = Map.copyOf(details);
    }
}
