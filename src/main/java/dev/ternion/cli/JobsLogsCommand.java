package dev.ternion.cli;

import dev.ternion.api.v1.ListLogEntriesRequest;
import dev.ternion.api.v1.ListLogEntriesResponse;
import dev.ternion.api.v1.LogEntry;
import dev.ternion.api.v1.LogLine;
import dev.ternion.api.v1.LogServiceGrpc;
import dev.ternion.api.v1.TailLogsRequest;
import dev.ternion.api.v1.TailLogsResponse;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import java.time.Instant;
import java.util.Iterator;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Reads the log of a job. */
@Command(name = "logs", description = "Shows the log of a job, oldest line first.")
final class JobsLogsCommand implements Callable<Integer> {
    private static final int PAGE = 1000;
    private static final int TRIES = 10;
    private static final long WAIT_MS = 1000;
    private static final Set<Code> PASSING = Set.of(Code.UNAVAILABLE, Code.RESOURCE_EXHAUSTED);

    /** How much a line matters. */
    enum Severity {
        /** Normal. */
        INFO,
        /** Worth a look. */
        WARNING,
        /** Something failed. */
        ERROR
    }

    private final Session session;

    @Parameters(paramLabel = "NAME", description = "Id or name of the job.")
    private String name;

    @Option(
            names = {"-f", "--follow"},
            description = "Goes on with new lines until the job has ended. Each line is a JSON object of its own then.")
    private boolean follow;

    @Option(
            names = "--tail",
            defaultValue = "0",
            paramLabel = "N",
            description = "Only the last N lines, at most 10000; with --follow those to begin with.")
    private int tail;

    @Option(
            names = "--severity",
            defaultValue = "INFO",
            paramLabel = "S",
            description = "Only lines that matter at least as much: ${COMPLETION-CANDIDATES}.")
    private Severity severity;

    @Option(names = "--text", defaultValue = "", paramLabel = "TEXT", description = "Only lines that hold this text.")
    private String text;

    JobsLogsCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws InterruptedException {
        try (Connection connection = session.connect()) {
            if (follow) {
                follow(connection);
            } else {
                list(connection);
            }
            return ExitCode.OK;
        }
    }

    private void list(Connection connection) {
        ListLogEntriesResponse.Builder all = ListLogEntriesResponse.newBuilder();
        String token = "";
        do {
            ListLogEntriesResponse page = connection
                    .logs()
                    .listLogEntries(ListLogEntriesRequest.newBuilder()
                            .setParent(Names.job(name))
                            .setPageSize(PAGE)
                            .setPageToken(token)
                            .setMinSeverity(LogLine.Severity.valueOf("SEVERITY_" + severity))
                            .setText(text)
                            .build());
            all.addAllEntries(page.getEntriesList());
            token = page.getNextPageToken();
        } while (!token.isEmpty());
        int first = tail == 0 ? 0 : Math.max(0, all.getEntriesCount() - tail);
        ListLogEntriesResponse.Builder shown = ListLogEntriesResponse.newBuilder()
                .addAllEntries(all.getEntriesList().subList(first, all.getEntriesCount()));
        shown.getEntriesList().forEach(this::say);
        session.json(Json.print(shown));
    }

    /** To the end of the job, through broken streams. */
    private void follow(Connection connection) throws InterruptedException {
        TailLogsRequest.Builder request =
                TailLogsRequest.newBuilder().setName(Names.job(name)).setLast(tail);
        int failures = 0;
        while (true) {
            try {
                Iterator<TailLogsResponse> lines =
                        LogServiceGrpc.newBlockingStub(connection.channel()).tailLogs(request.build());
                while (lines.hasNext()) {
                    TailLogsResponse next = lines.next();
                    failures = 0;
                    long seen = next.hasEntry() ? next.getEntry().getSequence() : next.getBookmark();
                    request.setFromSequence(seen + 1).setLast(0);
                    if (next.hasEntry() && wanted(next.getEntry())) {
                        say(next.getEntry());
                        session.json(Json.line(next.getEntry()));
                    }
                }
                return;
            } catch (StatusRuntimeException e) {
                if (!PASSING.contains(e.getStatus().getCode()) || ++failures > TRIES) {
                    throw e;
                }
                Thread.sleep(WAIT_MS);
            }
        }
    }

    private boolean wanted(LogEntry entry) {
        return entry.getSeverity().getNumber() > severity.ordinal()
                && entry.getText().toLowerCase(Locale.ROOT).contains(text.toLowerCase(Locale.ROOT));
    }

    private void say(LogEntry entry) {
        Instant time = Instant.ofEpochSecond(
                entry.getTime().getSeconds(), entry.getTime().getNanos());
        session.say(time + "  " + entry.getSeverity().name().substring("SEVERITY_".length()) + "  " + entry.getText());
    }
}
