package dev.ternion.auth;

import java.time.Instant;

/**
 * Who calls.
 *
 * @param id names the caller in logs and limits; holds no secret
 * @param role what it may do
 * @param project the only project where it may, or {@link #ALL_PROJECTS}
 * @param until from then on it is nobody; null when only who told it knows
 */
public record Principal(String id, Role role, String project, Instant until) {
    /** In place of a project: every one. No project has this name. */
    public static final String ALL_PROJECTS = "*";

    /** Whoever reaches a server that asks for no token. */
    public static final Principal ANYONE = new Principal("anyone", Role.ADMIN, ALL_PROJECTS);

    /** One for as long as who told it says. */
    public Principal(String id, Role role, String project) {
        this(id, role, project, null);
    }

    /** Whether it may do anything in this project. */
    public boolean isOf(String other) {
        return project.equals(ALL_PROJECTS) || project.equals(other);
    }
}
