package dev.ternion.auth;

/**
 * Who calls.
 *
 * @param id names the caller in logs and limits; holds no secret
 * @param role what it may do
 * @param project the only project where it may, or {@link #ALL_PROJECTS}
 */
public record Principal(String id, Role role, String project) {
    /** In place of a project: every one. No project has this name. */
    public static final String ALL_PROJECTS = "*";

    /** Whoever reaches a server that asks for no token. */
    public static final Principal ANYONE = new Principal("anyone", Role.ADMIN, ALL_PROJECTS);

    /** Whether it may do anything in this project. */
    public boolean isOf(String other) {
        return project.equals(ALL_PROJECTS) || project.equals(other);
    }
}
