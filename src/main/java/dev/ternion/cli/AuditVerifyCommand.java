package dev.ternion.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Checks the audit log. */
@Command(
        name = "verify",
        description =
                "Reads the audit log of a data folder and finds lines that were altered, removed or put in another order.")
final class AuditVerifyCommand implements Callable<Integer> {
    private static final Pattern NOTED = Pattern.compile("([1-9][0-9]{0,17}):([0-9a-f]{64})");

    private final Session session;

    @Option(
            names = "--data",
            defaultValue = "ternion-data",
            paramLabel = "DIR",
            description = "Data folder. Default: ternion-data.")
    private Path data;

    @Option(
            names = "--expect",
            paramLabel = "SEQ:HASH",
            description =
                    "Last line of an earlier run, noted elsewhere: finds also that the whole log was written anew.")
    private String expect;

    AuditVerifyCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException {
        long seq = 0;
        String hash = "";
        if (expect != null) {
            Matcher noted = NOTED.matcher(expect);
            if (!noted.matches()) {
                throw new CliException(
                        ExitCode.USAGE,
                        "--expect is \"" + expect + "\", wanted SEQ:HASH, as an earlier run has told it");
            }
            seq = Long.parseLong(noted.group(1));
            hash = noted.group(2);
        }
        Access.AuditFindings found = session.access().verifyAudit(data, seq, hash);
        found.findings().forEach(session::say);
        session.say(found.lines() + " lines, " + (found.findings().isEmpty() ? "all good" : "the log is not whole")
                + (found.lines() == 0 ? "" : "; the last is " + found.seq() + ":" + found.hash()));
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("lines", found.lines())
                .put("last", found.seq() + ":" + found.hash());
        json.putArray("findings");
        found.findings().forEach(finding -> json.withArray("findings").add(finding));
        session.json(json.toPrettyString());
        return found.findings().isEmpty() ? ExitCode.OK : ExitCode.JOB_FAILED;
    }
}
