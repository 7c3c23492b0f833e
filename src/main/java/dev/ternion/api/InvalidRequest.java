package dev.ternion.api;

import java.util.List;

/** A request with everything that is wrong with it. */
public final class InvalidRequest extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<Violation> violations;

    /** @param violations one or more */
    public InvalidRequest(List<Violation> violations) {
        super(summary(violations));
        this.violations = List.copyOf(violations);
    }

    /** All of them, in the order of the fields. */
    public List<Violation> violations() {
        return violations;
    }

    private static String summary(List<Violation> violations) {
        Violation first = violations.get(0);
        String more = violations.size() == 1 ? "" : " (and " + (violations.size() - 1) + " more, see the details)";
        return first.path() + " " + first.message() + more;
    }
}
