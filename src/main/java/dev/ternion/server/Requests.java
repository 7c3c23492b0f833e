package dev.ternion.server;

import com.google.protobuf.Message;
import dev.ternion.api.ResourceNames;
import dev.ternion.api.Secrets;
import dev.ternion.api.Violation;
import java.util.List;
import java.util.Map;

/** Checks of fields that many requests have. */
final class Requests {
    static final String REASON = "REQUEST_INVALID";

    private Requests() {}

    /** Requires the only project. */
    static void requireParent(String parent) {
        if (!isParent(parent)) {
            throw Refusal.invalid(REASON, "parent", parentProblem(parent));
        }
    }

    static boolean isParent(String parent) {
        return parent.isEmpty() || parent.equals(ResourceNames.PARENT);
    }

    static String parentProblem(String parent) {
        return "is \"" + parent + "\", wanted \"" + ResourceNames.PARENT + "\"";
    }

    /** Requires that nothing in a header looks like a key or token. */
    static void requireNoSecret(Message header) {
        List<Violation> found = Secrets.in(header);
        if (!found.isEmpty()) {
            Violation first = found.get(0);
            throw Refusal.invalid(REASON, "header." + first.path(), first.message());
        }
    }

    /** Requires a place in a file, or its end. */
    static void requireOffset(String field, long offset, long size) {
        if (offset < 0 || offset > size) {
            throw Refusal.outOfRange(
                    "OFFSET_INVALID",
                    field + " is " + offset + ", wanted 0 to " + size,
                    Map.of("total_size", String.valueOf(size)));
        }
    }

    /** INVALID_ARGUMENT with all that is wrong. */
    static Refusal invalid(List<Violation> problems) {
        Violation first = problems.get(0);
        String more = problems.size() == 1 ? "" : ", and " + (problems.size() - 1) + " more";
        return Refusal.invalid(REASON, first.path() + " " + first.message() + more, problems);
    }

    /** The id in a resource name. */
    static String id(ResourceNames kind, String field, String name) {
        String id = kind.idOf(name);
        if (id == null) {
            throw Refusal.invalid(REASON, field, "is \"" + name + "\", wanted " + kind.name("{id}"));
        }
        return id;
    }

    /** A new id. */
    static String newId(String field, String id) {
        if (!ResourceNames.isId(id)) {
            throw Refusal.invalid(
                    REASON, field, "is \"" + id + "\", wanted " + ResourceNames.ID_PATTERN + ", 4 to 63 characters");
        }
        return id;
    }

    /** Requires that the first item wanted of a stream exists or is the next one. */
    static void requirePast(String noun, long from, long last) {
        if (from < 0) {
            throw Refusal.invalid(REASON, "from_sequence", "is " + from + ", wanted 0 to " + (last + 1));
        }
        if (from > last + 1) {
            throw Refusal.outOfRange(
                    "WATCH_FUTURE",
                    "from_sequence is " + from + ", wanted at most " + (last + 1) + ": the last " + noun
                            + " has number " + last,
                    Map.of("last_sequence", String.valueOf(last)));
        }
    }
}
