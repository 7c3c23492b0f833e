package dev.ternion.arch;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The tables of {@code src/docs/SECURITY.md}. */
public final class SecurityGuide {
    private SecurityGuide() {}

    /** The least role of each method, by its full name; "none" where no token is needed. */
    public static Map<String, String> leastRoles() {
        Map<String, String> roles = new LinkedHashMap<>();
        for (List<String> row :
                Repository.table(Repository.between(Repository.read("src/docs/SECURITY.md"), "permissions"))) {
            String before = roles.put(row.get(0).replace("`", ""), row.get(1));
            if (before != null) {
                throw new AssertionError("twice in the guide: " + row.get(0));
            }
        }
        return roles;
    }
}
