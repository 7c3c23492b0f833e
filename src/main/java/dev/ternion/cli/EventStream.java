package dev.ternion.cli;

import dev.ternion.api.v1.JobEvent;
import dev.ternion.api.v1.JobServiceGrpc;
import dev.ternion.api.v1.WatchJobRequest;
import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** One WatchJob call, read by pulling: at most {@link #WINDOW} events are under way. */
final class EventStream implements AutoCloseable {
    private static final int WINDOW = 64;

    /** An event, or the end of the stream. */
    private record Item(JobEvent event, Status end) {}

    private final LinkedBlockingQueue<Item> items = new LinkedBlockingQueue<>();
    private final Context.CancellableContext context = Context.current().withCancellation();
    private volatile ClientCallStreamObserver<WatchJobRequest> call;
    private boolean ended;

    EventStream(Channel channel, String job, long fromSequence) {
        WatchJobRequest request = WatchJobRequest.newBuilder()
                .setName(job)
                .setFromSequence(fromSequence)
                .build();
        context.run(() -> JobServiceGrpc.newStub(channel).watchJob(request, new Receiver()));
    }

    /**
     * The next event; empty after the last one.
     *
     * @throws StatusRuntimeException if the stream broke, or nothing came in time (DEADLINE_EXCEEDED)
     */
    Optional<JobEvent> next(long timeoutMs) throws InterruptedException {
        if (ended) {
            return Optional.empty();
        }
        Item item = items.poll(timeoutMs, TimeUnit.MILLISECONDS);
        if (item == null) {
            throw Status.DEADLINE_EXCEEDED
                    .withDescription("nothing came for " + timeoutMs + " ms")
                    .asRuntimeException();
        }
        if (item.event != null) {
            call.request(1);
            return Optional.of(item.event);
        }
        ended = true;
        if (!item.end.isOk()) {
            throw item.end.asRuntimeException();
        }
        return Optional.empty();
    }

    @Override
    public void close() {
        context.cancel(null);
    }

    /** Puts what comes into the queue. */
    private final class Receiver implements ClientResponseObserver<WatchJobRequest, JobEvent> {
        @Override
        public void beforeStart(ClientCallStreamObserver<WatchJobRequest> stream) {
            call = stream;
            stream.disableAutoRequestWithInitial(WINDOW);
        }

        @Override
        public void onNext(JobEvent event) {
            items.add(new Item(event, null));
        }

        @Override
        public void onError(Throwable problem) {
            items.add(new Item(null, Status.fromThrowable(problem)));
        }

        @Override
        public void onCompleted() {
            items.add(new Item(null, Status.OK));
        }
    }
}
