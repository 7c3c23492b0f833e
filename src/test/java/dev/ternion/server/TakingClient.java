package dev.ternion.server;

import dev.ternion.api.v1.JobEvent;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayList;
import java.util.List;

/** A client of a watch that takes as many messages as a test says. */
final class TakingClient extends ServerCallStreamObserver<JobEvent> {
    final List<JobEvent> sent = new ArrayList<>();
    private Runnable onReady;
    private Runnable onCancel;
    private int room;
    private boolean cancelled;
    boolean completed;
    Throwable error;

    void take(int count) {
        room += count;
        onReady.run();
    }

    void cancel() {
        cancelled = true;
        onCancel.run();
    }

    List<Long> numbers() {
        return sent.stream().map(JobEvent::getSequence).toList();
    }

    @Override
    public boolean isReady() {
        return room > 0 && !cancelled;
    }

    @Override
    public void onNext(JobEvent event) {
        room--;
        sent.add(event);
    }

    @Override
    public void onError(Throwable thrown) {
        error = thrown;
    }

    @Override
    public void onCompleted() {
        completed = true;
    }

    @Override
    public boolean isCancelled() {
        return cancelled;
    }

    @Override
    public void setOnReadyHandler(Runnable handler) {
        onReady = handler;
    }

    @Override
    public void setOnCancelHandler(Runnable handler) {
        onCancel = handler;
    }

    @Override
    public void setCompression(String compression) {}

    @Override
    public void disableAutoInboundFlowControl() {}

    @Override
    public void request(int count) {}

    @Override
    public void setMessageCompression(boolean enable) {}
}
