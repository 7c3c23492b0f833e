package dev.ternion.cli;

import dev.ternion.api.v1.IngestPointsRequest;
import dev.ternion.api.v1.IngestPointsResponse;
import dev.ternion.api.v1.SeriesPoints;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Sends points of series that were measured elsewhere. */
@Command(
        name = "ingest",
        description = {
            "Adds points that something else has measured of a job: lines KEY,STEP,VALUE,TIME_MS, as metrics --csv writes them,",
            "the last part optional. KEY is SEED/external.NAME or ARM/SEED/external.NAME; the steps of a key rise.",
            "What is there already stays as it is, so that a file can be sent again."
        })
final class JobsIngestCommand implements Callable<Integer> {
    private static final int BATCH = 10_000;
    private static final int MOST_SERIES = 100;
    private static final int LONGEST_LINE = 1000;

    private final Session session;

    @Parameters(index = "0", paramLabel = "NAME", description = "Id or name of the job.")
    private String name;

    @Option(
            names = {"-f", "--file"},
            required = true,
            paramLabel = "FILE",
            description = "The lines; a first line key,step,value,time_ms is skipped.")
    private Path file;

    private final Map<String, SeriesPoints.Builder> batch = new LinkedHashMap<>();
    private int waiting;
    private long read;
    private long added;

    JobsIngestCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException {
        try (Connection connection = session.connect();
                BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            int number = 0;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                number++;
                if (!line.isBlank() && !(number == 1 && line.startsWith("key,step,value"))) {
                    take(line, number);
                }
                if (waiting >= BATCH || batch.size() >= MOST_SERIES) {
                    send(connection);
                }
            }
            send(connection);
        }
        session.say(added + " of " + read + " points are new to job " + Names.id(Names.job(name)) + ".");
        session.json(Json.print(IngestPointsResponse.newBuilder().setAdded(added)));
        return ExitCode.OK;
    }

    private void take(String line, int number) {
        String[] parts = line.split(",", -1);
        try {
            if (line.length() > LONGEST_LINE || parts.length < 3 || parts.length > 4) {
                throw new NumberFormatException();
            }
            SeriesPoints.Builder series = batch.computeIfAbsent(
                    parts[0].strip(), key -> SeriesPoints.newBuilder().setKey(key));
            series.addSteps(Long.parseLong(parts[1].strip())).addValues(Double.parseDouble(parts[2].strip()));
            series.addTimesMs(parts.length == 4 ? Long.parseLong(parts[3].strip()) : System.currentTimeMillis());
        } catch (NumberFormatException e) {
            throw new CliException(
                    ExitCode.USAGE,
                    file + ":" + number + ": is \"" + line.substring(0, Math.min(100, line.length()))
                            + "\", wanted KEY,STEP,VALUE or KEY,STEP,VALUE,TIME_MS");
        }
        waiting++;
        read++;
    }

    private void send(Connection connection) {
        if (batch.isEmpty()) {
            return;
        }
        IngestPointsRequest.Builder request = IngestPointsRequest.newBuilder().setName(Names.job(name));
        batch.values().forEach(request::addSeries);
        added += connection.metrics().ingestPoints(request.build()).getAdded();
        batch.clear();
        waiting = 0;
    }
}
