package dev.ternion.cli;

import com.google.protobuf.Timestamp;
import dev.ternion.api.v1.IngestPointsRequest;
import dev.ternion.api.v1.IngestPointsResponse;
import dev.ternion.api.v1.ListLogEntriesRequest;
import dev.ternion.api.v1.ListLogEntriesResponse;
import dev.ternion.api.v1.ListSeriesRequest;
import dev.ternion.api.v1.ListSeriesResponse;
import dev.ternion.api.v1.LogEntry;
import dev.ternion.api.v1.LogLine.Severity;
import dev.ternion.api.v1.LogServiceGrpc;
import dev.ternion.api.v1.MetricServiceGrpc;
import dev.ternion.api.v1.QuerySeriesRequest;
import dev.ternion.api.v1.QuerySeriesRequest.Sampling;
import dev.ternion.api.v1.QuerySeriesResponse;
import dev.ternion.api.v1.Series;
import dev.ternion.api.v1.SeriesPoints;
import dev.ternion.api.v1.TailLogsRequest;
import dev.ternion.api.v1.TailLogsResponse;
import dev.ternion.api.v1.WatchSeriesRequest;
import dev.ternion.api.v1.WatchSeriesResponse;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Scripted series and logs: every job has the same three lines, and two series whose points are one and a half times their steps. */
final class FakeTelemetry {
    /** Points of each series. */
    static final int POINTS = 60_000;

    final List<QuerySeriesRequest> queries = new CopyOnWriteArrayList<>();
    final List<WatchSeriesRequest> watches = new CopyOnWriteArrayList<>();
    final List<IngestPointsRequest> ingests = new CopyOnWriteArrayList<>();
    final List<TailLogsRequest> tails = new CopyOnWriteArrayList<>();
    final Metrics metrics = new Metrics();
    final Logs logs = new Logs();

    private static LogEntry line(int number, Severity severity, String text) {
        return LogEntry.newBuilder()
                .setSequence(number)
                .setAttempt(1)
                .setSeverity(severity)
                .setTime(Timestamp.newBuilder().setSeconds(1_900_000_000L + number))
                .setText(text)
                .build();
    }

    private static final List<LogEntry> LINES = List.of(
            line(1, Severity.SEVERITY_INFO, "TRAINING, seed 1: training for 9 steps"),
            line(2, Severity.SEVERITY_INFO, "evaluated after step 9, seed 1: ACCURACY 0.5000"),
            line(3, Severity.SEVERITY_ERROR, "DATA_READ: row 3"));

    final class Metrics extends MetricServiceGrpc.MetricServiceImplBase {
        @Override
        public void listSeries(ListSeriesRequest request, StreamObserver<ListSeriesResponse> answer) {
            boolean second = request.getPageToken().equals("2");
            FakeJobs.reply(
                    answer,
                    ListSeriesResponse.newBuilder()
                            .addSeries(Series.newBuilder()
                                    .setKey("1/loss." + (second ? "total" : "scores"))
                                    .setPointCount(POINTS)
                                    .setLastStep(POINTS)
                                    .setLastValue(0.25))
                            .setNextPageToken(second ? "" : "2")
                            .build());
        }

        @Override
        public void querySeries(QuerySeriesRequest request, StreamObserver<QuerySeriesResponse> answer) {
            queries.add(request);
            SeriesPoints.Builder points =
                    SeriesPoints.newBuilder().setKey(request.getKeys(0)).setPointCount(POINTS);
            long first = Math.max(1, request.getFirstStep());
            long most = request.getSampling() == Sampling.SAMPLING_NONE ? request.getMaxPoints() : 3;
            for (long step = first; step < first + most && step <= POINTS; step++) {
                points.addSteps(step).addValues(1.5 * step).addTimesMs(step);
            }
            FakeJobs.reply(
                    answer, QuerySeriesResponse.newBuilder().addSeries(points).build());
        }

        /** All points but the first are new. */
        @Override
        public void ingestPoints(IngestPointsRequest request, StreamObserver<IngestPointsResponse> answer) {
            ingests.add(request);
            long points = request.getSeriesList().stream()
                    .mapToLong(SeriesPoints::getStepsCount)
                    .sum();
            FakeJobs.reply(
                    answer,
                    IngestPointsResponse.newBuilder().setAdded(points - 1).build());
        }

        /** The first stream breaks after a point of a series that was not there before. */
        @Override
        public void watchSeries(WatchSeriesRequest request, StreamObserver<WatchSeriesResponse> answer) {
            watches.add(request);
            if (watches.size() == 1) {
                points(answer, "1/eval.ACCURACY", 9);
                answer.onError(io.grpc.Status.UNAVAILABLE.asRuntimeException());
                return;
            }
            points(answer, "1/loss.total", POINTS + 1);
            answer.onCompleted();
        }
    }

    private void points(StreamObserver<WatchSeriesResponse> answer, String key, long step) {
        answer.onNext(WatchSeriesResponse.newBuilder()
                .setPoints(SeriesPoints.newBuilder()
                        .setKey(key)
                        .addSteps(step)
                        .addValues(1.5 * step)
                        .addTimesMs(step))
                .build());
    }

    final class Logs extends LogServiceGrpc.LogServiceImplBase {
        @Override
        public void listLogEntries(ListLogEntriesRequest request, StreamObserver<ListLogEntriesResponse> answer) {
            boolean second = request.getPageToken().equals("2");
            FakeJobs.reply(
                    answer,
                    ListLogEntriesResponse.newBuilder()
                            .addAllEntries(second ? LINES.subList(2, 3) : LINES.subList(0, 2))
                            .setNextPageToken(second ? "" : "2")
                            .build());
        }

        /** The first stream breaks after a line and a bookmark. */
        @Override
        public void tailLogs(TailLogsRequest request, StreamObserver<TailLogsResponse> answer) {
            tails.add(request);
            for (LogEntry line : LINES) {
                if (line.getSequence() < request.getFromSequence()) {
                    continue;
                }
                answer.onNext(TailLogsResponse.newBuilder().setEntry(line).build());
                if (tails.size() == 1) {
                    answer.onNext(TailLogsResponse.newBuilder().setBookmark(1).build());
                    answer.onError(io.grpc.Status.UNAVAILABLE.asRuntimeException());
                    return;
                }
            }
            answer.onCompleted();
        }
    }
}
