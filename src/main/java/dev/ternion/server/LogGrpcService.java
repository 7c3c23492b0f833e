package dev.ternion.server;

import dev.ternion.api.ResourceNames;
import dev.ternion.api.v1.ListLogEntriesRequest;
import dev.ternion.api.v1.ListLogEntriesResponse;
import dev.ternion.api.v1.LogServiceGrpc;
import dev.ternion.api.v1.TailLogsRequest;
import dev.ternion.api.v1.TailLogsResponse;
import dev.ternion.jobs.JobQueue;
import dev.ternion.telemetry.LogEntry;
import dev.ternion.telemetry.TelemetryStore;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;

/** LogService on a {@link TelemetryStore}. */
final class LogGrpcService extends LogServiceGrpc.LogServiceImplBase {
    /** Lines that a tail may begin with. */
    static final int MOST_LAST = 10_000;

    private static final int READ = 500;

    private final JobQueue queue;
    private final TelemetryStore store;
    private final Watches watches;
    private final PageTokens tokens;

    LogGrpcService(JobQueue queue, TelemetryStore store, Watches watches, PageTokens tokens) {
        this.queue = queue;
        this.store = store;
        this.watches = watches;
        this.tokens = tokens;
    }

    @Override
    public void listLogEntries(ListLogEntriesRequest request, StreamObserver<ListLogEntriesResponse> client) {
        String id = Requests.id(ResourceNames.JOB, "parent", request.getParent());
        LogFilter filter = LogFilter.of(request);
        int size = PageTokens.size(request.getPageSize());
        String job = queue.get(id).id();
        String scope = "logs " + job + " " + filter;
        String last = tokens.read(scope, request.getPageToken());
        List<LogEntry> found = new ArrayList<>();
        long next = last == null ? 1 : Long.parseLong(last) + 1;
        LogReader reader = new LogReader(store, job);
        for (List<LogEntry> read = reader.from(next, READ);
                !read.isEmpty() && found.size() <= size;
                read = reader.from(next, READ)) {
            read.stream().filter(filter).forEach(found::add);
            next = read.get(read.size() - 1).sequence() + 1;
        }
        ListLogEntriesResponse.Builder response = ListLogEntriesResponse.newBuilder();
        List<LogEntry> page = found.subList(0, Math.min(size, found.size()));
        page.forEach(entry -> response.addEntries(LogReader.message(entry)));
        if (found.size() > size) {
            response.setNextPageToken(
                    tokens.write(scope, String.valueOf(page.get(size - 1).sequence())));
        }
        client.onNext(response.build());
        client.onCompleted();
    }

    @Override
    public void tailLogs(TailLogsRequest request, StreamObserver<TailLogsResponse> client) {
        String job = queue.get(Requests.id(ResourceNames.JOB, "name", request.getName()))
                .id();
        LogSource source = new LogSource(queue, new LogReader(store, job), job, from(request, store.lastLine(job)));
        watches.start(source, wake -> queue.watch(job, wake), (ServerCallStreamObserver<TailLogsResponse>) client);
    }

    private static long from(TailLogsRequest request, long newest) {
        int last = request.getLast();
        if (last < 0 || last > MOST_LAST) {
            throw Refusal.invalid(Requests.REASON, "last", "is " + last + ", wanted 1 to " + MOST_LAST + ", or 0");
        }
        if (last == 0) {
            Requests.requirePast("line", request.getFromSequence(), newest);
            return Math.max(1, request.getFromSequence());
        }
        if (request.getFromSequence() != 0) {
            throw Refusal.invalid(Requests.REASON, "last", "is set beside from_sequence, wanted one of them");
        }
        return Math.max(1, newest - last + 1);
    }
}
