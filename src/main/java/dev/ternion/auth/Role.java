package dev.ternion.auth;

import java.util.Locale;

/** What a principal may do in its project; each role may do what those before it may. */
public enum Role {
    /** Reads jobs, reports, models and data sets; downloads. */
    VIEWER,
    /** Imports, and creates jobs. */
    SUBMITTER,
    /** Cancels and deletes. */
    OPERATOR,
    /** Everything else. */
    ADMIN;

    /** Whether it may do what {@code needed} may. */
    public boolean includes(Role needed) {
        return compareTo(needed) >= 0;
    }

    /** As people write it. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
