package dev.ternion.api;

import java.util.regex.Pattern;

/** Names of resources, {@code projects/default/{collection}/{id}}. */
public enum ResourceNames {
    /** Jobs. */
    JOB("jobs", "job"),
    /** Models. */
    MODEL("models", "model"),
    /** Data sets. */
    DATASET("datasets", "data set"),
    /** Uploads. */
    UPLOAD("uploads", "upload");

    /** The only project there is. */
    public static final String PARENT = "projects/default";

    /** What an id looks like. */
    public static final String ID_PATTERN = "[a-z]([a-z0-9-]{2,61}[a-z0-9])";

    private static final Pattern ID = Pattern.compile(ID_PATTERN);

    private final String prefix;
    private final String noun;

    ResourceNames(String collection, String noun) {
        this.prefix = PARENT + "/" + collection + "/";
        this.noun = noun;
    }

    /** Whether the text can be an id. */
    public static boolean isId(String text) {
        return ID.matcher(text).matches();
    }

    /** The name of a resource. */
    public String name(String id) {
        return prefix + id;
    }

    /** What people call it. */
    public String noun() {
        return noun;
    }

    /** The id in an id or a name; null if it is neither. */
    public String idOf(String idOrName) {
        String id = idOrName.startsWith(prefix) ? idOrName.substring(prefix.length()) : idOrName;
        return isId(id) ? id : null;
    }
}
