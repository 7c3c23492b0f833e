package dev.ternion.cli;

import dev.ternion.api.v1.MetricServiceGrpc;
import dev.ternion.api.v1.SeriesPoints;
import dev.ternion.api.v1.SeriesStart;
import dev.ternion.api.v1.WatchSeriesRequest;
import dev.ternion.api.v1.WatchSeriesResponse;
import io.grpc.StatusRuntimeException;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Points of the series of a job as they come, to the end of the job and through broken streams; each comes once. */
final class SeriesFollower {
    private final Connection connection;
    private final String job;
    private final Map<String, Long> next = new TreeMap<>();

    /**
     * @param job full name
     * @param seen last step seen of each series; of others all points come
     */
    SeriesFollower(Connection connection, String job, Map<String, Long> seen) {
        this.connection = connection;
        this.job = job;
        seen.forEach((key, step) -> next.put(key, step + 1));
    }

    /**
     * Follows.
     *
     * @param line told to the person when the connection is lost
     */
    void run(Consumer<SeriesPoints> points, Consumer<String> line) throws InterruptedException {
        Reconnects reconnects = new Reconnects(line);
        while (true) {
            try {
                Iterator<WatchSeriesResponse> messages =
                        MetricServiceGrpc.newBlockingStub(connection.channel()).watchSeries(request());
                while (messages.hasNext()) {
                    WatchSeriesResponse message = messages.next();
                    reconnects.worked();
                    if (message.hasPoints()) {
                        SeriesPoints its = message.getPoints();
                        next.put(its.getKey(), its.getSteps(its.getStepsCount() - 1) + 1);
                        points.accept(its);
                    }
                }
                return;
            } catch (StatusRuntimeException e) {
                if (!Reconnects.help(e)) {
                    throw e;
                }
                reconnects.failed(e.getStatus().getCode().toString(), "", e, Long.MAX_VALUE);
            }
        }
    }

    private WatchSeriesRequest request() {
        WatchSeriesRequest.Builder request =
                WatchSeriesRequest.newBuilder().setName(job).setOthers(true);
        next.forEach((key, step) ->
                request.addSeries(SeriesStart.newBuilder().setKey(key).setFirstStep(step)));
        return request.build();
    }
}
