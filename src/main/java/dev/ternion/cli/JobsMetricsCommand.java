package dev.ternion.cli;

import dev.ternion.api.v1.ListSeriesRequest;
import dev.ternion.api.v1.ListSeriesResponse;
import dev.ternion.api.v1.QuerySeriesRequest;
import dev.ternion.api.v1.QuerySeriesRequest.Sampling;
import dev.ternion.api.v1.QuerySeriesResponse;
import dev.ternion.api.v1.Series;
import dev.ternion.api.v1.SeriesPoints;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Reads the series of a job. */
@Command(
        name = "metrics",
        description = {
            "Lists the metric series of a job; with KEY or --csv it reads their points; with --follow it shows new points as they come.",
            "Every step is kept. --points says how many points are shown of a series, sampled so that they look like all of them."
        })
final class JobsMetricsCommand implements Callable<Integer> {
    private static final int PAGE = 1000;
    private static final int PIECE = 50_000;
    private static final String HEAD = "key,step,value,time_ms";

    private final Session session;

    @Parameters(index = "0", paramLabel = "NAME", description = "Id or name of the job.")
    private String name;

    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "KEY",
            description = "Keys of series, or parts of keys, for example loss.total. Default with --csv: all.")
    private List<String> keys = new ArrayList<>();

    @Option(
            names = "--points",
            defaultValue = "1000",
            paramLabel = "N",
            description = "Points of each series, 4 to 100000; 0: all, without sampling. Default ${DEFAULT-VALUE}.")
    private int points;

    @Option(names = "--min-max", description = "Samples the extremes instead of what looks like the whole.")
    private boolean minMax;

    @Option(names = "--csv", description = "Writes lines key,step,value,time_ms to stdout, and no JSON.")
    private boolean csv;

    @Option(
            names = {"-f", "--follow"},
            description =
                    "Shows the points that come from now on, to the end of the job; each few are a JSON object of their own.")
    private boolean follow;

    JobsMetricsCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws InterruptedException {
        try (Connection connection = session.connect()) {
            List<Series> all = list(connection);
            if (follow) {
                follow(connection, all);
                return ExitCode.OK;
            }
            if (keys.isEmpty() && !csv) {
                table(all);
                session.json(Json.print(ListSeriesResponse.newBuilder().addAllSeries(all)));
                return ExitCode.OK;
            }
            List<String> wanted =
                    all.stream().map(Series::getKey).filter(this::isWanted).toList();
            if (wanted.isEmpty()) {
                throw new CliException(
                        ExitCode.NOT_FOUND, "no series of " + name + " is named " + keys + "; list them without a key");
            }
            read(connection, wanted);
            return ExitCode.OK;
        }
    }

    private boolean isWanted(String key) {
        return keys.isEmpty() || keys.stream().anyMatch(key::contains);
    }

    private void follow(Connection connection, List<Series> all) throws InterruptedException {
        Map<String, Long> seen = new TreeMap<>();
        all.forEach(series -> seen.put(series.getKey(), series.getLastStep()));
        if (csv) {
            session.out().println(HEAD);
        }
        new SeriesFollower(connection, Names.job(name), seen)
                .run(
                        points -> {
                            if (isWanted(points.getKey())) {
                                show(points);
                            }
                        },
                        session::say);
    }

    private void show(SeriesPoints points) {
        if (csv) {
            csv(points);
            session.out().flush();
            return;
        }
        for (int i = 0; i < points.getStepsCount(); i++) {
            session.say(
                    points.getKey() + "  step " + points.getSteps(i) + "  " + EventText.number(points.getValues(i)));
        }
        session.json(Json.line(points));
    }

    private List<Series> list(Connection connection) {
        List<Series> all = new ArrayList<>();
        String token = "";
        do {
            ListSeriesResponse page = connection
                    .metrics()
                    .listSeries(ListSeriesRequest.newBuilder()
                            .setParent(Names.job(name))
                            .setPageSize(PAGE)
                            .setPageToken(token)
                            .build());
            all.addAll(page.getSeriesList());
            token = page.getNextPageToken();
        } while (!token.isEmpty());
        return all;
    }

    private void table(List<Series> all) {
        List<List<String>> rows = new ArrayList<>();
        for (Series series : all) {
            rows.add(List.of(
                    series.getKey(),
                    String.valueOf(series.getPointCount()),
                    String.valueOf(series.getLastStep()),
                    EventText.number(series.getLastValue())));
        }
        TextTable.print(session, List.of("series", "points", "last step", "last value"), rows, "no series");
    }

    private void read(Connection connection, List<String> wanted) {
        QuerySeriesResponse.Builder all = QuerySeriesResponse.newBuilder();
        if (csv) {
            session.out().println(HEAD);
        }
        for (String key : wanted) {
            SeriesPoints series = points == 0 ? whole(connection, key) : query(connection, key, 0, points, sampling());
            all.addSeries(series);
            if (csv) {
                csv(series);
            } else {
                session.say(key + ": " + series.getStepsCount() + " of " + series.getPointCount() + " points");
            }
        }
        if (csv) {
            session.out().flush();
        } else {
            session.json(Json.print(all));
        }
    }

    private Sampling sampling() {
        return minMax ? Sampling.SAMPLING_MIN_MAX : Sampling.SAMPLING_LTTB;
    }

    private SeriesPoints whole(Connection connection, String key) {
        SeriesPoints.Builder all = SeriesPoints.newBuilder().setKey(key);
        SeriesPoints piece;
        do {
            int count = all.getStepsCount();
            long next = count == 0 ? 0 : all.getSteps(count - 1) + 1;
            piece = query(connection, key, next, PIECE, Sampling.SAMPLING_NONE);
            all.addAllSteps(piece.getStepsList())
                    .addAllValues(piece.getValuesList())
                    .addAllTimesMs(piece.getTimesMsList());
        } while (piece.getStepsCount() == PIECE);
        return all.setPointCount(all.getStepsCount()).build();
    }

    private SeriesPoints query(Connection connection, String key, long first, int most, Sampling sampling) {
        return connection
                .metrics()
                .querySeries(QuerySeriesRequest.newBuilder()
                        .setName(Names.job(name))
                        .addKeys(key)
                        .setFirstStep(first)
                        .setMaxPoints(most)
                        .setSampling(sampling)
                        .build())
                .getSeries(0);
    }

    private void csv(SeriesPoints series) {
        for (int i = 0; i < series.getStepsCount(); i++) {
            session.out()
                    .println(series.getKey() + "," + series.getSteps(i) + "," + series.getValues(i) + ","
                            + series.getTimesMs(i));
        }
    }
}
