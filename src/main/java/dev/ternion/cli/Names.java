package dev.ternion.cli;

import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** Resource names and request ids as people type them. */
final class Names {
    private static final String PROJECT = "projects/default/";

    private Names() {}

    /** Full name of a job; an id is enough. */
    static String job(String idOrName) {
        return full("jobs/", idOrName);
    }

    /** Full name of a model; an id is enough. */
    static String model(String idOrName) {
        return full("models/", idOrName);
    }

    /** Full name of a checkpoint of a job. */
    static String checkpoint(String job, long step) {
        return job(job) + "/checkpoints/" + step;
    }

    /** The last part of a name. */
    static String id(String name) {
        return name.substring(name.lastIndexOf('/') + 1);
    }

    /** A request id: a UUID as it is, any other text (the id of a pipeline) as the UUID that stands for it. */
    static String requestId(String text) {
        try {
            UUID uuid = UUID.fromString(text);
            if (uuid.toString().equalsIgnoreCase(text)) {
                return uuid.toString();
            }
        } catch (IllegalArgumentException notOne) {
            // a text like any other
        }
        UUID hash = UUID.nameUUIDFromBytes(("ternion request " + text).getBytes(StandardCharsets.UTF_8));
        long version4 = hash.getMostSignificantBits() & ~0xF000L | 0x4000L;
        return new UUID(version4, hash.getLeastSignificantBits()).toString();
    }

    private static String full(String collection, String idOrName) {
        return idOrName.startsWith("projects/") ? idOrName : PROJECT + collection + idOrName;
    }
}
