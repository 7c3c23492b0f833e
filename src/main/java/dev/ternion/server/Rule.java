package dev.ternion.server;

import dev.ternion.auth.Role;
import java.util.function.Function;

/**
 * Who may call a method.
 *
 * @param role least role; null: nobody needs a token
 * @param changes whether a call may change what is stored
 * @param resource the resource that a first message names; null: it names none
 */
record Rule(Role role, boolean changes, Function<Object, String> resource) {
    private static final String PROJECTS = "projects/";
    private static final String DEFAULT = "default";

    /** The project of a resource; names without one are of the default project. */
    static String project(String resource) {
        if (!resource.startsWith(PROJECTS)) {
            return DEFAULT;
        }
        String rest = resource.substring(PROJECTS.length());
        int end = rest.indexOf('/');
        return end < 0 ? rest : rest.substring(0, end);
    }

    boolean isOpen() {
        return role == null;
    }
}
