package dev.ternion.objects;

import java.util.regex.Pattern;

/** Names of objects: parts of lower-case letters, digits, {@code -}, {@code _}, joined by {@code /}; 255 characters at most. */
public final class ObjectName {
    private static final int LONGEST = 255;
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9_-]*(/[a-z0-9][a-z0-9_-]*)*");

    private ObjectName() {}

    /**
     * A name that leads nowhere but below the store.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static String require(String name) {
        if (name.length() > LONGEST || !NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("\"" + name + "\" is no name of an object");
        }
        return name;
    }
}
