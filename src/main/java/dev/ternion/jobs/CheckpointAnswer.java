package dev.ternion.jobs;

import java.util.OptionalLong;

/**
 * What became of a checkpoint that a worker was asked for.
 *
 * @param request what the server has called it
 * @param jobStep steps done in the whole job; empty if it could not be written
 */
public record CheckpointAnswer(String request, OptionalLong jobStep) {
    /** No answer. */
    public static final CheckpointAnswer NONE = new CheckpointAnswer("", OptionalLong.empty());

    /** Whether this is no answer. */
    public boolean isNone() {
        return request.isEmpty();
    }
}
