package dev.ternion.server;

import dev.ternion.jobs.JobState;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Reads ListJobs.filter: {@code state=RUNNING}, several joined by {@code OR}. */
final class StateFilter {
    private static final int LONGEST = 1000;

    private StateFilter() {}

    /** The wanted states; empty means all. */
    static Set<JobState> read(String filter) {
        if (filter.length() > LONGEST) {
            throw Refusal.invalid(
                    Requests.REASON, "filter", "has " + filter.length() + " characters, wanted at most " + LONGEST);
        }
        Set<JobState> states = EnumSet.noneOf(JobState.class);
        if (!filter.isBlank()) {
            for (String term : filter.trim().split("\\s+OR\\s+")) {
                states.add(state(filter, term));
            }
        }
        return states;
    }

    private static JobState state(String filter, String term) {
        List<String> parts = Arrays.stream(term.split("=", 2)).map(String::trim).toList();
        if (parts.size() == 2 && parts.get(0).equals("state")) {
            String name = parts.get(1).replaceAll("^\"(.*)\"$", "$1").replaceFirst("^STATE_", "");
            for (JobState state : JobState.values()) {
                if (state.name().equals(name)) {
                    return state;
                }
            }
        }
        throw Refusal.invalid(
                Requests.REASON,
                "filter",
                "is \"" + filter + "\", wanted state=S, several joined by OR, S one of "
                        + Arrays.toString(JobState.values()));
    }
}
