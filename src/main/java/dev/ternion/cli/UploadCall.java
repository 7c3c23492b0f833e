package dev.ternion.cli;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;

/**
 * A client-streaming call that sends no faster than the server reads. Give it to the stub as observer, then send.
 *
 * @param <Q> request
 * @param <R> response
 */
final class UploadCall<Q, R> implements ClientResponseObserver<Q, R> {
    private ClientCallStreamObserver<Q> call;
    private R answer;
    private Throwable problem;
    private boolean done;

    @Override
    public synchronized void beforeStart(ClientCallStreamObserver<Q> stream) {
        call = stream;
        stream.setOnReadyHandler(this::wake);
    }

    /**
     * Sends a message when there is room.
     *
     * @throws StatusRuntimeException if the server has refused already
     */
    void send(Q message) throws InterruptedException {
        synchronized (this) {
            while (!done && !call.isReady()) {
                wait();
            }
            if (problem != null) {
                throw refused();
            }
        }
        call.onNext(message);
    }

    /** Ends the upload and waits for the answer. */
    R finish() throws InterruptedException {
        call.onCompleted();
        synchronized (this) {
            while (!done) {
                wait();
            }
            if (problem != null) {
                throw refused();
            }
            if (answer == null) {
                throw Status.INTERNAL
                        .withDescription("the server gave no answer")
                        .asRuntimeException();
            }
            return answer;
        }
    }

    /** Gives up. */
    void cancel(String why, Throwable cause) {
        call.cancel(why, cause);
    }

    @Override
    public synchronized void onNext(R response) {
        answer = response;
    }

    @Override
    public synchronized void onError(Throwable refused) {
        problem = refused;
        done = true;
        notifyAll();
    }

    @Override
    public synchronized void onCompleted() {
        done = true;
        notifyAll();
    }

    private synchronized void wake() {
        notifyAll();
    }

    private StatusRuntimeException refused() {
        return problem instanceof StatusRuntimeException status
                ? status
                : Status.fromThrowable(problem).asRuntimeException();
    }
}
