package dev.ternion.server;

import dev.ternion.jobs.JobState;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Where a watch of all jobs goes on. Not signed, so that it is good with any server on the same store: one that a client has made up
 * tells no more than a watch that begins anew.
 *
 * @param epoch of the log of changes
 * @param position what was told
 * @param states filter of the watch; empty means all
 */
record ResumeToken(String epoch, WatchPosition position, Set<JobState> states) {
    /** Characters of a token. */
    static final int LONGEST = 400;

    private static final String VERSION = "1";
    private static final String FIELD = "resume_token";
    private static final int PARTS = 6;

    String text() {
        String names = states.stream().sorted().map(Enum::name).collect(Collectors.joining(","));
        String text = String.join(
                " ",
                VERSION,
                epoch,
                position.phase().name(),
                String.valueOf(position.base()),
                String.valueOf(position.told()),
                names);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** Reads a token; what it says of revisions may be made up. */
    static ResumeToken read(String token) {
        if (token.length() > LONGEST) {
            throw invalid("has " + token.length() + " characters, wanted at most " + LONGEST);
        }
        try {
            String text = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.US_ASCII);
            String[] parts = text.split(" ", -1);
            if (parts.length != PARTS || !parts[0].equals(VERSION)) {
                throw invalid("is not one of a watch of all jobs");
            }
            WatchPosition position = new WatchPosition(
                    WatchPosition.Phase.valueOf(parts[2]), Long.parseLong(parts[3]), Long.parseLong(parts[4]));
            Set<JobState> states = EnumSet.noneOf(JobState.class);
            Arrays.stream(parts[5].split(","))
                    .filter(name -> !name.isEmpty())
                    .forEach(name -> states.add(JobState.valueOf(name)));
            return new ResumeToken(parts[1], position, states);
        } catch (IllegalArgumentException e) {
            throw invalid("is not one of a watch of all jobs");
        }
    }

    static Refusal invalid(String problem) {
        return Refusal.invalid("RESUME_TOKEN_INVALID", FIELD, problem + "; begin again without one");
    }
}
