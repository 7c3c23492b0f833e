package dev.ternion.jobs;

import java.util.UUID;
import java.util.regex.Pattern;

/** Ids of jobs. */
public final class JobIds {
    /** What an id looks like: 4 to 63 characters. */
    public static final String PATTERN = "[a-z]([a-z0-9-]{2,61}[a-z0-9])";

    private static final Pattern COMPILED = Pattern.compile(PATTERN);

    private JobIds() {}

    /** Whether the text can be the id of a job. */
    public static boolean isValid(String id) {
        return COMPILED.matcher(id).matches();
    }

    /** An id for a job that was given none. */
    public static String from(UUID uid) {
        return "job-" + uid.toString().replace("-", "").substring(0, 12);
    }
}
