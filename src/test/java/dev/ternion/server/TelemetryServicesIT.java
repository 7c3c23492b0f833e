package dev.ternion.server;

import static dev.ternion.server.TestServer.name;
import static dev.ternion.server.TestServer.reason;
import static dev.ternion.server.TestServer.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Timestamp;
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
import dev.ternion.api.v1.TailLogsRequest;
import dev.ternion.api.v1.TailLogsResponse;
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
