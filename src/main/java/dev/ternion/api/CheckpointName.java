package dev.ternion.api;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Name of a checkpoint, {@code projects/default/jobs/{job}/checkpoints/{step}}.
 *
 * @param job id of its job
 * @param step steps done in the whole job
 */
public record CheckpointName(String job, long step) {
    /** What a name looks like. */
    public static final String PATTERN = ResourceNames.JOB.name("{job}") + "/checkpoints/{step}";

    private static final Pattern NAME = Pattern.compile("(.{1,100})/checkpoints/(0|[1-9][0-9]{0,11})");

    /** Reads a name; empty if it is none. */
    public static Optional<CheckpointName> read(String name) {
        Matcher match = NAME.matcher(name);
        if (!match.matches()) {
            return Optional.empty();
        }
        return Optional.ofNullable(ResourceNames.JOB.idOf(match.group(1)))
                .map(job -> new CheckpointName(job, Long.parseLong(match.group(2))));
    }

    @Override
    public String toString() {
        return ResourceNames.JOB.name(job) + "/checkpoints/" + step;
    }
}
