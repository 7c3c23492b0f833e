package dev.ternion;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.MoreExecutors;
import io.grpc.Status;
import java.util.EnumMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;

/** What became of the calls of a load that is too much. */
final class Overload {
    private record Answer(Status.Code code, long at, long nanos) {}

    private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();
    private final long start = System.nanoTime();

    /** Begins a call and notes its answer. */
    <T> ListenableFuture<T> call(Supplier<ListenableFuture<T>> call) {
        long begin = System.nanoTime();
        ListenableFuture<T> future = call.get();
        future.addListener(
                () -> {
                    long now = System.nanoTime();
                    answers.add(new Answer(code(future), now - start, now - begin));
                },
                MoreExecutors.directExecutor());
        return future;
    }

    private static Status.Code code(ListenableFuture<?> future) {
        try {
            future.get();
            return Status.Code.OK;
        } catch (ExecutionException e) {
            return Status.fromThrowable(e.getCause()).getCode();
        } catch (InterruptedException e) {
            return Status.Code.CANCELLED;
        }
    }

    /** Calls a second that were done within so many seconds from the start. */
    double goodput(double seconds) {
        return answers.stream()
                        .filter(answer -> answer.code == Status.Code.OK && answer.at <= seconds * 1e9)
                        .count()
                / seconds;
    }

    /** How many answers of each kind there were. */
    Map<Status.Code, Long> codes() {
        Map<Status.Code, Long> codes = new EnumMap<>(Status.Code.class);
        answers.forEach(answer -> codes.merge(answer.code, 1L, Long::sum));
        return codes;
    }

    /** Milliseconds that this share of the calls that were not done took at most. */
    double refusedMillis(double share) {
        long[] sorted = answers.stream()
                .filter(answer -> answer.code != Status.Code.OK)
                .mapToLong(Answer::nanos)
                .sorted()
                .toArray();
        return sorted.length == 0 ? 0 : sorted[(int) Math.ceil(share * sorted.length) - 1] / 1e6;
    }

    @Override
    public String toString() {
        return codes() + ", refused within ms: p50 " + refusedMillis(0.5) + ", p99 " + refusedMillis(0.99) + ", all "
                + refusedMillis(1);
    }
}
