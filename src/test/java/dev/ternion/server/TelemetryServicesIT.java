package dev.ternion.server;

import static dev.ternion.server.TestServer.detail;
import static dev.ternion.server.TestServer.name;
import static dev.ternion.server.TestServer.reason;
import static dev.ternion.server.TestServer.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Timestamp;
import com.google.rpc.BadRequest;
import com.google.rpc.Status;
import dev.ternion.api.v1.IngestPointsRequest;
import dev.ternion.api.v1.IngestPointsResponse;
import dev.ternion.api.v1.ListLogEntriesRequest;
import dev.ternion.api.v1.ListLogEntriesResponse;
import dev.ternion.api.v1.ListSeriesRequest;
import dev.ternion.api.v1.ListSeriesResponse;
import dev.ternion.api.v1.LogEntry;
import dev.ternion.api.v1.LogLine.Severity;
import dev.ternion.api.v1.LogServiceGrpc;
import dev.ternion.api.v1.LogServiceGrpc.LogServiceBlockingStub;
import dev.ternion.api.v1.MetricServiceGrpc;
import dev.ternion.api.v1.MetricServiceGrpc.MetricServiceBlockingStub;
import dev.ternion.api.v1.QuerySeriesRequest;
import dev.ternion.api.v1.QuerySeriesRequest.Sampling;
import dev.ternion.api.v1.Series;
import dev.ternion.api.v1.SeriesPoints;
import dev.ternion.api.v1.SeriesStart;
import dev.ternion.api.v1.TailLogsRequest;
import dev.ternion.api.v1.TailLogsResponse;
import dev.ternion.api.v1.WatchSeriesRequest;
import dev.ternion.api.v1.WatchSeriesResponse;
import dev.ternion.telemetry.LogLine;
import dev.ternion.telemetry.PointList;
import dev.ternion.telemetry.SeriesKey;
import dev.ternion.telemetry.Told;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** MetricService and LogService on a real server. */
class TelemetryServicesIT {
    private static final long TIME = 1_900_000_000_000L;

    @TempDir
    Path folder;

    private TestServer test;
    private MetricServiceBlockingStub metrics;
    private LogServiceBlockingStub logs;

    @BeforeEach
    void start() throws Exception {
        test = new TestServer(folder, settings -> settings.withHeartbeat(Duration.ofMillis(100)));
        metrics = MetricServiceGrpc.newBlockingStub(test.channel);
        logs = LogServiceGrpc.newBlockingStub(test.channel);
        test.create("job-a");
        await().until(() -> test.telemetry.lastLine("job-a") == 1);
    }

    @AfterEach
    void stop() throws Exception {
        test.close();
    }

    @Test
    void seriesAreListedPageByPage() {
        tell(3);
        List<String> keys = new ArrayList<>();
        String token = "";
        do {
            ListSeriesResponse page = metrics.listSeries(ListSeriesRequest.newBuilder()
                    .setParent(name("job-a"))
                    .setPageSize(2)
                    .setPageToken(token)
                    .build());
            page.getSeriesList().stream().map(Series::getKey).forEach(keys::add);
            token = page.getNextPageToken();
        } while (!token.isEmpty());
        assertThat(keys).containsExactly("1/loss.total", "ti-g/1/loss.scores", "ti-g/1/loss.total");
        Series series = metrics.listSeries(
                        ListSeriesRequest.newBuilder().setParent(name("job-a")).build())
                .getSeries(2);
        assertThat(series)
                .isEqualTo(Series.newBuilder()
                        .setKey("ti-g/1/loss.total")
                        .setArm("ti-g")
                        .setSeed(1)
                        .setMetric("loss.total")
                        .setPointCount(3)
                        .setFirstStep(1)
                        .setLastStep(3)
                        .setLastValue(1.0 / 3)
                        .build());
        String other = metrics.listSeries(ListSeriesRequest.newBuilder()
                        .setParent(name("job-a"))
                        .setPageSize(1)
                        .build())
                .getNextPageToken();
        test.create("job-b");
        assertThat(reason(refused(() -> metrics.listSeries(ListSeriesRequest.newBuilder()
                        .setParent(name("job-b"))
                        .setPageToken(other)
                        .build()))))
                .isEqualTo("PAGE_TOKEN_INVALID");
    }

    @Test
    void pointsAreReadByRangeWholeOrSampled() {
        tell(5000);
        SeriesPoints all = query(request().setMaxPoints(5000));
        assertThat(all.getStepsCount()).isEqualTo(5000);
        assertThat(all.getValues(1233)).isEqualTo(1.0 / 1234);
        assertThat(all.getTimesMs(1233)).isEqualTo(TIME + 1234);
        SeriesPoints range = query(request().setFirstStep(100).setLastStep(199));
        assertThat(range.getStepsList()).hasSize(100).startsWith(100L).endsWith(199L);
        for (Sampling sampling : new Sampling[] {Sampling.SAMPLING_LTTB, Sampling.SAMPLING_MIN_MAX}) {
            SeriesPoints few = query(request().setMaxPoints(50).setSampling(sampling));
            assertThat(few.getPointCount()).isEqualTo(5000);
            assertThat(few.getStepsList()).hasSizeBetween(40, 50).startsWith(1L).endsWith(5000L);
            assertThat(few.getValuesCount()).isEqualTo(few.getStepsCount()).isEqualTo(few.getTimesMsCount());
        }
        assertThat(query(request()).getStepsCount()).as("the default").isEqualTo(1000);
    }

    @Test
    void aSeriesIsReadInPiecesWithoutSampling() {
        tell(5000);
        List<Long> steps = new ArrayList<>();
        SeriesPoints read;
        do {
            long next = steps.isEmpty() ? 0 : steps.get(steps.size() - 1) + 1;
            read = query(request()
                    .setSampling(Sampling.SAMPLING_NONE)
                    .setMaxPoints(700)
                    .setFirstStep(next));
            steps.addAll(read.getStepsList());
        } while (read.getStepsCount() > 0);
        assertThat(steps).hasSize(5000).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void whatCannotBeReadIsRefused() {
        tell(3);
        assertThat(problem(request().clearKeys())).startsWith("keys has 0 keys, wanted 1 to 100");
        assertThat(problem(request().setMaxPoints(3))).startsWith("max_points is 3 for 1 keys, wanted 4 to 100000");
        assertThat(problem(request().addKeys("1/loss.total").setMaxPoints(50_001)))
                .startsWith("max_points is 50001 for 2 keys, wanted 4 to 50000");
        assertThat(problem(request().setFirstStep(-1))).startsWith("first_step is -1");
        assertThat(problem(request().setFirstStep(5).setLastStep(4))).startsWith("last_step is 4");
        assertThat(problem(request().setSamplingValue(77))).startsWith("sampling is 77");
        assertThat(problem(request().addKeys("x"))).startsWith("keys[1] is \"x\", wanted ARM/SEED/METRIC");
        assertThat(reason(refused(() -> query(request().setKeys(0, "ti-g/2/loss.total")))))
                .isEqualTo("SERIES_NOT_FOUND");
        assertThat(reason(refused(() -> query(request().setName(name("job-z"))))))
                .isEqualTo("JOB_NOT_FOUND");
    }

    private Iterator<WatchSeriesResponse> watch(WatchSeriesRequest.Builder request) {
        return metrics.watchSeries(request.setName(name("job-a")).build());
    }

    private static SeriesStart from(String key, long step) {
        return SeriesStart.newBuilder().setKey(key).setFirstStep(step).build();
    }

    @Test
    void aWatchOfSeriesGivesEachPointOnceFromAStepOn_andEndsWithTheJob() {
        tell(20_000);
        Iterator<WatchSeriesResponse> watch = watch(WatchSeriesRequest.newBuilder()
                .addSeries(from("ti-g/1/loss.total", 19_990))
                .addSeries(from("1/loss.total", 0))
                .addSeries(from("9/later", 0)));
        Map<String, List<Long>> steps = new HashMap<>();
        WatchSeriesResponse next = watch.next();
        while (next.hasPoints()) {
            take(next, steps);
            next = watch.next();
        }
        assertThat(next.hasBookmark()).isTrue();
        assertThat(steps.get("ti-g/1/loss.total"))
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(19_990, 20_000).boxed().toList());
        assertThat(steps.get("1/loss.total"))
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, 20_000).boxed().toList());
        PointList more = new PointList();
        more.add(5, 0.5, TIME);
        assertThat(test.telemetry.append(
                        "job-a", 1, new Told(Map.of(new SeriesKey("", 9, "later"), more.points()), 1, List.of())))
                .isTrue();
        tell(20_002);
        test.runner.allow(3);
        watch.forEachRemaining(message -> take(message, steps));
        assertThat(steps.get("9/later")).containsExactly(5L);
        assertThat(steps.get("1/loss.total"))
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, 20_002).boxed().toList());
        assertThat(steps).containsOnlyKeys("ti-g/1/loss.total", "1/loss.total", "9/later");
        await().until(() -> test.server.openWatches() == 0 && test.queue.watches() == 0);
        Map<String, List<Long>> again = new HashMap<>();
        watch(WatchSeriesRequest.newBuilder()
                        .addSeries(from("1/loss.total", 20_002))
                        .addSeries(from("ti-g/1/loss.total", 20_003))
                        .setOthers(true))
                .forEachRemaining(message -> take(message, again));
        assertThat(again.get("1/loss.total")).containsExactly(20_002L);
        assertThat(again).containsOnlyKeys("1/loss.total", "9/later", "ti-g/1/loss.scores", "42/eval.ACCURACY");
        assertThat(again.get("42/eval.ACCURACY")).containsExactly(1L, 2L, 3L);
    }

    /** Before the first beat, which comes after 15 s: what comes, comes by the signal of the worker's telling. */
    @Test
    void pointsComeWhenTheyAreTold() throws Exception {
        stop();
        long start = System.nanoTime();
        test = new TestServer(folder.resolve("calm"), settings -> settings.withHeartbeat(Duration.ofSeconds(30)));
        metrics = MetricServiceGrpc.newBlockingStub(test.channel);
        test.create("job-a");
        Iterator<WatchSeriesResponse> watch =
                watch(WatchSeriesRequest.newBuilder().setOthers(true));
        test.runner.allow(1);
        assertThat(watch.next().getPoints().getKey()).isEqualTo("42/eval.ACCURACY");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(15));
    }

    private static void take(WatchSeriesResponse message, Map<String, List<Long>> steps) {
        if (message.hasBookmark()) {
            return;
        }
        SeriesPoints points = message.getPoints();
        steps.computeIfAbsent(points.getKey(), key -> new ArrayList<>()).addAll(points.getStepsList());
        assertThat(points.getValuesCount()).isEqualTo(points.getStepsCount()).isEqualTo(points.getTimesMsCount());
    }

    private static SeriesPoints.Builder external(String key, long... steps) {
        SeriesPoints.Builder series = SeriesPoints.newBuilder().setKey(key);
        for (long step : steps) {
            series.addSteps(step).addValues(0.5 * step).addTimesMs(TIME + step);
        }
        return series;
    }

    private IngestPointsResponse ingest(SeriesPoints.Builder... series) {
        IngestPointsRequest.Builder request = IngestPointsRequest.newBuilder().setName(name("job-a"));
        Stream.of(series).forEach(request::addSeries);
        return metrics.ingestPoints(request.build());
    }

    @Test
    void pointsFromElsewhereAreAddedOnce_andReadAndWatchedAsOthers() {
        Iterator<WatchSeriesResponse> watch =
                watch(WatchSeriesRequest.newBuilder().addSeries(from("7/external.bleu", 0)));
        IngestPointsResponse first = ingest(external("7/external.bleu", 1, 2, 5), external("ti-g/7/external.cost", 0));
        assertThat(first.getAdded()).isEqualTo(4);
        assertThat(first.getSeriesList())
                .extracting(series -> series.getKey() + " " + series.getLastStep() + " " + series.getLastValue())
                .containsExactly("7/external.bleu 5 2.5", "ti-g/7/external.cost 0 0.0");
        IngestPointsResponse again = ingest(external("7/external.bleu", 1, 2, 5), external("ti-g/7/external.cost", 0));
        assertThat(again.getAdded()).isZero();
        assertThat(again.getSeriesList()).isEqualTo(first.getSeriesList());
        assertThat(ingest(external("7/external.bleu", 3, 5, 6)).getAdded())
                .as("a step too late, one told, one new")
                .isEqualTo(1);
        SeriesPoints read = query(request().setKeys(0, "7/external.bleu"));
        assertThat(read.getStepsList()).containsExactly(1L, 2L, 5L, 6L);
        assertThat(read.getTimesMs(3)).isEqualTo(TIME + 6);
        Map<String, List<Long>> seen = new HashMap<>();
        test.runner.allow(3);
        watch.forEachRemaining(message -> take(message, seen));
        assertThat(seen.get("7/external.bleu")).containsExactly(1L, 2L, 5L, 6L);
        await().until(() -> test.queue.get("job-a").state().isFinal());
        assertThat(ingest(external("7/external.bleu", 7)).getAdded())
                .as("of a job that is over")
                .isEqualTo(1);
    }

    @Test
    void nobodyForgesWhatATrainingMeasures_andAllThatIsWrongIsSaidAtOnce() {
        Status wrong = refused(() -> ingest(
                external("1/loss.total", 1),
                external("1/external.x", 2, 2).addValues(1),
                external("1/external.y", 1).setValues(0, Double.NaN).setTimesMs(0, -1),
                external("1/external.z"),
                external("99999999999999999999/external.x", 1),
                external("1/external.é", 1),
                external("1/external.w", -1)));
        assertThat(reason(wrong)).isEqualTo("REQUEST_INVALID");
        assertThat(detail(wrong, BadRequest.class).getFieldViolationsList())
                .extracting(BadRequest.FieldViolation::getField)
                .containsExactly(
                        "series[0].key",
                        "series[1].steps[1]",
                        "series[1].values",
                        "series[2].values[0]",
                        "series[2].times_ms[0]",
                        "series[3].steps",
                        "series[4].key",
                        "series[5].key",
                        "series[6].steps[0]");
        for (String key : List.of(
                "1/learning_rate", "1/eval.ACCURACY", "1/external.", "1/externalx", "external.x", "a b/1/external.x")) {
            assertThat(reason(refused(() -> ingest(external(key, 1))))).as(key).isEqualTo("REQUEST_INVALID");
        }
        assertThat(reason(refused(() -> ingest()))).isEqualTo("REQUEST_INVALID");
        assertThat(reason(refused(() -> ingest(external("1/external.x", 1), external("1/external.x", 2)))))
                .isEqualTo("REQUEST_INVALID");
        long[] many = LongStream.rangeClosed(0, IngestReader.MOST_POINTS).toArray();
        assertThat(refused(() -> ingest(external("1/external.x", many))).getMessage())
                .contains("has 50001 points, wanted at most 50000");
        assertThat(reason(refused(() -> metrics.ingestPoints(IngestPointsRequest.newBuilder()
                        .setName(name("job-z"))
                        .addSeries(external("1/external.x", 1))
                        .build()))))
                .isEqualTo("JOB_NOT_FOUND");
        assertThat(test.telemetry.series("job-a")).isEmpty();
    }

    @Test
    void seriesFromElsewhereHaveABoundOfTheirOwn() {
        for (int first = 0; first < ExternalSeries.MOST_SERIES; first += 64) {
            SeriesPoints.Builder[] some = new SeriesPoints.Builder[64];
            for (int i = 0; i < some.length; i++) {
                some[i] = external("1/external.s" + (first + i), 1);
            }
            assertThat(ingest(some).getAdded()).isEqualTo(64);
        }
        Status full = refused(() -> ingest(external("1/external.s0", 2), external("1/external.more", 1)));
        assertThat(reason(full)).isEqualTo("SERIES_LIMIT");
        assertThat(ingest(external("1/external.s0", 2)).getAdded())
                .as("nothing of the call before")
                .isEqualTo(1);
        tell(3);
        assertThat(test.telemetry.series("job-a")).hasSize(ExternalSeries.MOST_SERIES + 3);
    }

    @Test
    void aWatchThatCannotBeSaysAllThatIsWrong() {
        assertThat(reason(refused(() -> watch(WatchSeriesRequest.newBuilder()).next())))
                .isEqualTo("REQUEST_INVALID");
        Status wrong = refused(() -> watch(WatchSeriesRequest.newBuilder()
                        .addSeries(from("1/loss.total", -1))
                        .addSeries(from("x", 0))
                        .addSeries(from("1/loss.total", 0)))
                .next());
        assertThat(reason(wrong)).isEqualTo("REQUEST_INVALID");
        assertThat(detail(wrong, BadRequest.class).getFieldViolationsList())
                .extracting(BadRequest.FieldViolation::getField)
                .containsExactly("series[0].first_step", "series[1].key", "series[2].key");
        assertThat(reason(refused(() -> metrics.watchSeries(WatchSeriesRequest.newBuilder()
                                .setName(name("job-z"))
                                .setOthers(true)
                                .build())
                        .next())))
                .isEqualTo("JOB_NOT_FOUND");
    }

    @Test
    void linesAreListedByFilterPageByPage() {
        say(2, 120);
        List<Long> seen = new ArrayList<>();
        String token = "";
        ListLogEntriesRequest.Builder request = ListLogEntriesRequest.newBuilder()
                .setParent(name("job-a"))
                .setPageSize(7)
                .setMinSeverity(Severity.SEVERITY_WARNING)
                .setStartTime(time(TIME + 20))
                .setEndTime(time(TIME + 100))
                .setText("LINE");
        do {
            ListLogEntriesResponse page =
                    logs.listLogEntries(request.setPageToken(token).build());
            page.getEntriesList().stream().map(LogEntry::getSequence).forEach(seen::add);
            token = page.getNextPageToken();
        } while (!token.isEmpty());
        List<Long> wanted = new ArrayList<>();
        for (long i = 20; i < 100; i++) {
            if (i % 3 != 0) {
                wanted.add(i);
            }
        }
        assertThat(seen).isEqualTo(wanted);
        assertThat(logs.listLogEntries(ListLogEntriesRequest.newBuilder()
                                .setParent(name("job-a"))
                                .build())
                        .getEntries(0)
                        .getText())
                .isEqualTo("TRAINING, seed 42: trains");
        assertThat(reason(refused(() ->
                        logs.listLogEntries(request.setText("x".repeat(1001)).build()))))
                .isEqualTo("REQUEST_INVALID");
        assertThat(reason(refused(() -> logs.listLogEntries(
                        request.setText("").setMinSeverityValue(9).build()))))
                .isEqualTo("REQUEST_INVALID");
    }

    @Test
    void aTailFollowsTheLogToItsEnd() {
        Iterator<TailLogsResponse> tail = logs.tailLogs(
                TailLogsRequest.newBuilder().setName(name("job-a")).build());
        assertThat(tail.next().getEntry().getText()).isEqualTo("TRAINING, seed 42: trains");
        TailLogsResponse quiet = tail.next();
        assertThat(quiet.getBookmark()).isEqualTo(1);
        test.runner.allow(3);
        List<String> rest = new ArrayList<>();
        tail.forEachRemaining(next -> {
            if (next.hasEntry()) {
                rest.add(next.getEntry().getSequence() + " " + next.getEntry().getText());
            }
        });
        assertThat(rest)
                .containsExactly(
                        "2 evaluated after step 1, seed 42: ACCURACY 0.5000",
                        "3 evaluated after step 2, seed 42: ACCURACY 0.5000",
                        "4 evaluated after step 3, seed 42: ACCURACY 0.5000");
        assertThat(texts(TailLogsRequest.newBuilder().setLast(2)))
                .hasSize(2)
                .last()
                .isEqualTo(rest.get(2).substring(2));
        assertThat(texts(TailLogsRequest.newBuilder().setFromSequence(4))).hasSize(1);
        assertThat(texts(TailLogsRequest.newBuilder().setFromSequence(5))).isEmpty();
        assertThat(reason(refused(() -> texts(TailLogsRequest.newBuilder().setFromSequence(6)))))
                .isEqualTo("WATCH_FUTURE");
        assertThat(reason(refused(
                        () -> texts(TailLogsRequest.newBuilder().setLast(1).setFromSequence(1)))))
                .isEqualTo("REQUEST_INVALID");
        await().until(() -> test.server.openWatches() == 0 && test.queue.watches() == 0);
    }

    @Test
    void whereLinesAreGoneAnEntrySaysSo() {
        say(2, 10_300);
        LogEntry first = logs.listLogEntries(ListLogEntriesRequest.newBuilder()
                        .setParent(name("job-a"))
                        .build())
                .getEntries(0);
        assertThat(first.getSequence()).isEqualTo(300);
        assertThat(first.getText()).isEqualTo("300 older lines are gone: a log keeps its newest lines");
        TailLogsResponse tailed = logs.tailLogs(TailLogsRequest.newBuilder()
                        .setName(name("job-a"))
                        .setFromSequence(200)
                        .build())
                .next();
        assertThat(tailed.getEntry().getText()).startsWith("101 older lines are gone");
    }

    private List<String> texts(TailLogsRequest.Builder request) {
        List<String> texts = new ArrayList<>();
        logs.tailLogs(request.setName(name("job-a")).build())
                .forEachRemaining(next -> texts.add(next.getEntry().getText()));
        return texts;
    }

    private String problem(QuerySeriesRequest.Builder request) {
        var refused = refused(() -> query(request));
        assertThat(reason(refused)).isEqualTo("REQUEST_INVALID");
        return refused.getMessage();
    }

    private static QuerySeriesRequest.Builder request() {
        return QuerySeriesRequest.newBuilder().setName(name("job-a")).addKeys("ti-g/1/loss.total");
    }

    private SeriesPoints query(QuerySeriesRequest.Builder request) {
        return metrics.querySeries(request.build()).getSeries(0);
    }

    private void tell(int steps) {
        PointList points = new PointList();
        for (int step = 1; step <= steps; step++) {
            points.add(step, 1.0 / step, TIME + step);
        }
        Map<SeriesKey, dev.ternion.telemetry.Points> told = new HashMap<>();
        told.put(new SeriesKey("ti-g", 1, "loss.total"), points.points());
        told.put(new SeriesKey("ti-g", 1, "loss.scores"), points.points());
        told.put(new SeriesKey("", 1, "loss.total"), points.points());
        assertThat(test.telemetry.append("job-a", 1, new Told(told, 1, List.of())))
                .isTrue();
    }

    /** Lines of these numbers: their times count up, every third is an INFO. */
    private void say(int first, int last) {
        List<LogLine> lines = new ArrayList<>();
        for (int i = first; i <= last; i++) {
            lines.add(new LogLine(
                    Instant.ofEpochMilli(TIME + i), dev.ternion.telemetry.Severity.values()[i % 3], "a line " + i));
        }
        assertThat(test.telemetry.append("job-a", 1, new Told(Map.of(), first, lines)))
                .isTrue();
    }

    private static Timestamp time(long millis) {
        return Timestamp.newBuilder()
                .setSeconds(millis / 1000)
                .setNanos((int) (millis % 1000) * 1_000_000)
                .build();
    }
}
