package dev.ternion.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** Shows checks to people and as JSON. */
final class Checks {
    private Checks() {}

    /** One line each, advice below; as JSON an array of this name. */
    static void show(Session session, List<Check> checks, String name) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        ArrayNode array = root.putArray(name);
        for (Check check : checks) {
            session.say(String.format("%-4s  %s: %s", check.status(), check.name(), check.detail()));
            if (!check.advice().isEmpty()) {
                session.say("      -> " + check.advice());
            }
            array.addObject()
                    .put("status", check.status().name())
                    .put("name", check.name())
                    .put("detail", check.detail())
                    .put("advice", check.advice());
        }
        session.json(root.toPrettyString());
    }

    /** Failed when any check has. */
    static int exitCode(List<Check> checks) {
        boolean failed = checks.stream().anyMatch(check -> check.status() == Check.Status.FAIL);
        return failed ? ExitCode.JOB_FAILED : ExitCode.OK;
    }
}
