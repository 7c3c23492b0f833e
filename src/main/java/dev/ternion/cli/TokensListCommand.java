package dev.ternion.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists tokens. */
@Command(
        name = "list",
        description = "Lists tokens, oldest first: ids, roles and times; the tokens themselves are kept nowhere.")
final class TokensListCommand implements Callable<Integer> {
    private final Session session;

    @Option(
            names = "--data",
            defaultValue = "ternion-data",
            paramLabel = "DIR",
            description = "Data folder. Default: ternion-data.")
    private Path data;

    TokensListCommand(Session session) {
        this.session = session;
    }

    static ObjectNode json(Access.Entry entry) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("id", entry.id())
                .put("name", entry.name())
                .put("role", entry.role())
                .put("project", entry.project())
                .put("created", entry.created().toString())
                .put("expires", entry.expires().toString())
                .put("state", entry.state());
    }

    @Override
    public Integer call() throws IOException {
        List<List<String>> rows = new ArrayList<>();
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.putArray("tokens");
        for (Access.Entry entry : session.access().tokens(data)) {
            rows.add(List.of(
                    entry.id(),
                    entry.name(),
                    entry.role(),
                    entry.project(),
                    entry.expires().toString(),
                    entry.state()));
            json.withArray("tokens").add(json(entry));
        }
        List<String> head = List.of("token", "name", "role", "project", "expires", "state");
        TextTable.print(session, head, rows, "no tokens");
        session.json(json.toPrettyString());
        return ExitCode.OK;
    }
}
