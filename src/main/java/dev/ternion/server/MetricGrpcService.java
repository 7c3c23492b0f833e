package dev.ternion.server;

import dev.ternion.api.ResourceNames;
import dev.ternion.api.v1.IngestPointsRequest;
import dev.ternion.api.v1.IngestPointsResponse;
import dev.ternion.api.v1.ListSeriesRequest;
import dev.ternion.api.v1.ListSeriesResponse;
import dev.ternion.api.v1.MetricServiceGrpc;
import dev.ternion.api.v1.QuerySeriesRequest;
import dev.ternion.api.v1.QuerySeriesResponse;
import dev.ternion.api.v1.WatchSeriesRequest;
import dev.ternion.api.v1.WatchSeriesResponse;
import dev.ternion.jobs.JobQueue;
import dev.ternion.telemetry.Points;
import dev.ternion.telemetry.Sampling;
import dev.ternion.telemetry.SeriesInfo;
import dev.ternion.telemetry.SeriesKey;
import dev.ternion.telemetry.TelemetryStore;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** MetricService on a {@link TelemetryStore}. */
final class MetricGrpcService extends MetricServiceGrpc.MetricServiceImplBase {
    static final int MOST_KEYS = 100;
    /** Points of an answer. */
    static final int MOST_POINTS = 100_000;

    private static final int DEFAULT_POINTS = 1000;

    private final JobQueue queue;
    private final TelemetryStore store;
    private final Watches watches;
    private final PageTokens tokens;
    private final ExternalSeries ingest;
    private final Clock clock;

    MetricGrpcService(JobQueue queue, TelemetryStore store, Watches watches, PageTokens tokens, Clock clock) {
        this.ingest = new ExternalSeries(store);
        this.clock = clock;
        this.queue = queue;
        this.store = store;
        this.watches = watches;
        this.tokens = tokens;
    }

    @Override
    public void listSeries(ListSeriesRequest request, StreamObserver<ListSeriesResponse> client) {
        String job = queue.get(Requests.id(ResourceNames.JOB, "parent", request.getParent()))
                .id();
        Pages<SeriesInfo> page = Pages.of(
                store.series(job),
                series -> series.key().text(),
                "series " + job,
                request.getPageSize(),
                request.getPageToken(),
                tokens);
        ListSeriesResponse.Builder response = ListSeriesResponse.newBuilder().setNextPageToken(page.nextToken());
        page.items().forEach(series -> response.addSeries(SeriesMessages.series(series)));
        client.onNext(response.build());
        client.onCompleted();
    }

    @Override
    public void querySeries(QuerySeriesRequest request, StreamObserver<QuerySeriesResponse> client) {
        String id = Requests.id(ResourceNames.JOB, "name", request.getName());
        requireInBounds(request);
        List<SeriesKey> keys = keys(request);
        String job = queue.get(id).id();
        QuerySeriesResponse.Builder response = QuerySeriesResponse.newBuilder();
        for (SeriesKey key : keys) {
            if (Context.current().isCancelled()) {
                throw Status.CANCELLED.withDescription("the caller is gone").asRuntimeException();
            }
            SeriesInfo series = store.find(job, key).orElseThrow(() -> Refusal.seriesNotFound(job, key.text()));
            response.addSeries(SeriesMessages.points(key, sample(job, series, request)));
        }
        client.onNext(response.build());
        client.onCompleted();
    }

    @Override
    public void watchSeries(WatchSeriesRequest request, StreamObserver<WatchSeriesResponse> client) {
        String job = queue.get(Requests.id(ResourceNames.JOB, "name", request.getName()))
                .id();
        watches.start(
                SeriesSource.open(queue, store, job, request),
                wake -> queue.watch(job, wake),
                (ServerCallStreamObserver<WatchSeriesResponse>) client);
    }

    @Override
    public void ingestPoints(IngestPointsRequest request, StreamObserver<IngestPointsResponse> client) {
        String id = Requests.id(ResourceNames.JOB, "name", request.getName());
        Map<SeriesKey, Points> points = IngestReader.read(request, clock.instant());
        String job = queue.get(id).id();
        Answers.send(client, () -> ingest.add(job, points));
        queue.signal(job);
    }

    private Sampling.Sample sample(String job, SeriesInfo series, QuerySeriesRequest request) {
        long first = request.getFirstStep();
        long last = request.getLastStep() == 0 ? Long.MAX_VALUE : request.getLastStep();
        int most = mostPoints(request);
        return switch (request.getSampling()) {
            case SAMPLING_NONE -> Sampling.none(store, job, series, first, last, most);
            case SAMPLING_MIN_MAX -> Sampling.MIN_MAX.of(store, job, series, first, last, most);
            default -> Sampling.LTTB.of(store, job, series, first, last, most);
        };
    }

    private static int mostPoints(QuerySeriesRequest request) {
        return request.getMaxPoints() == 0 ? DEFAULT_POINTS : request.getMaxPoints();
    }

    private static void requireInBounds(QuerySeriesRequest request) {
        int keys = request.getKeysCount();
        if (keys < 1 || keys > MOST_KEYS) {
            throw Refusal.invalid(Requests.REASON, "keys", "has " + keys + " keys, wanted 1 to " + MOST_KEYS);
        }
        int most = mostPoints(request);
        if (most < Sampling.LEAST || (long) most * keys > MOST_POINTS) {
            throw Refusal.invalid(
                    Requests.REASON,
                    "max_points",
                    "is " + most + " for " + keys + " keys, wanted " + Sampling.LEAST + " to " + MOST_POINTS / keys);
        }
        if (request.getFirstStep() < 0) {
            throw Refusal.invalid(Requests.REASON, "first_step", "is " + request.getFirstStep() + ", wanted 0 or more");
        }
        if (request.getLastStep() != 0 && request.getLastStep() < request.getFirstStep()) {
            throw Refusal.invalid(
                    Requests.REASON,
                    "last_step",
                    "is " + request.getLastStep() + ", wanted 0 or first_step (" + request.getFirstStep()
                            + ") or more");
        }
        if (request.getSampling() == QuerySeriesRequest.Sampling.UNRECOGNIZED) {
            throw Refusal.invalid(
                    Requests.REASON, "sampling", "is " + request.getSamplingValue() + ", wanted LTTB, MIN_MAX or NONE");
        }
    }

    private static List<SeriesKey> keys(QuerySeriesRequest request) {
        List<SeriesKey> keys = new ArrayList<>();
        for (int i = 0; i < request.getKeysCount(); i++) {
            try {
                keys.add(SeriesKey.parse(request.getKeys(i)));
            } catch (IllegalArgumentException e) {
                throw Refusal.invalid(
                        Requests.REASON,
                        "keys[" + i + "]",
                        "is \"" + request.getKeys(i) + "\", wanted ARM/SEED/METRIC or SEED/METRIC");
            }
        }
        return keys;
    }
}
