package dev.ternion.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.api.EventMapper;
import dev.ternion.api.v1.JobEvent;
import dev.ternion.api.v1.LogLine.Severity;
import dev.ternion.jobs.FakeWorkers;
import dev.ternion.jobs.InMemoryJobStore;
import dev.ternion.jobs.JobChanges;
import dev.ternion.jobs.JobEvent.Kind;
import dev.ternion.jobs.JobEvent.Recorded;
import dev.ternion.jobs.JobQueue;
import dev.ternion.jobs.JobRuns;
import dev.ternion.jobs.Opaque;
import dev.ternion.jobs.Outcome;
import dev.ternion.jobs.Placement;
import dev.ternion.jobs.Report;
import dev.ternion.jobs.Submission;
import io.grpc.protobuf.StatusProto;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Back-pressure of one watch, on a client that takes as many messages as the test says. */
class PulledStreamTest {
    private final JobChanges changes = new JobChanges(new InMemoryJobStore(10, 5000), Clock.systemUTC());
    private final JobQueue queue = new JobQueue(changes, UUID::randomUUID, 10);
    private final JobRuns runs = new JobRuns(changes, new FakeWorkers(), () -> 0, id -> {});
    private long logged;
    private final TakingClient client = new TakingClient();
    private final AtomicInteger ends = new AtomicInteger();
    private final PulledStream<JobEvent> stream = new PulledStream<>(
            new JobEventSource(queue, "job-a", 0, Clock.systemUTC()), client, Runnable::run, ends::incrementAndGet);

    @BeforeEach
    void start() throws InterruptedException {
        queue.submit(new Submission("job-a", "", Opaque.EMPTY, Placement.on("cpu"), "", ""));
        stream.start(wake -> queue.watch("job-a", wake));
        runs.turn();
        runs.claim("job-a", 1);
    }

    @Test
    void nothingIsSentThatTheClientDoesNotTake() {
        for (int i = 0; i < 1000; i++) {
            log();
        }
        assertThat(client.sent).isEmpty();
        client.take(10);
        assertThat(client.sent).hasSize(10);
        stream.beat();
        stream.beat();
        assertThat(client.sent).hasSize(10);
        client.take(100_000);
        assertThat(client.numbers())
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, 1003).boxed().toList());
    }

    @Test
    void bookmarksComeOnlyWhenAllIsSentAndNothingHappens() {
        client.take(1000);
        stream.beat();
        assertThat(client.sent).hasSize(3);
        stream.beat();
        assertThat(client.sent).hasSize(4);
        assertThat(client.sent.get(3).hasBookmark()).isTrue();
        assertThat(client.sent.get(3).getSequence()).isEqualTo(3);
        log();
        assertThat(client.numbers()).containsExactly(1L, 2L, 3L, 3L, 4L);
    }

    @Test
    void theWatchEndsWithTheLastEventOfAFinalJob() {
        client.take(3);
        runs.finish("job-a", 1, new Outcome.Succeeded(Opaque.EMPTY, Opaque.EMPTY));
        assertThat(client.completed).isFalse();
        client.take(1);
        assertThat(client.completed).isFalse();
        client.take(1);
        client.take(1);
        assertThat(client.numbers()).containsExactly(1L, 2L, 3L, 4L, 5L);
        assertThat(client.completed).isTrue();
        assertThat(ends).hasValue(1);
        assertThat(queue.watches()).isZero();
    }

    @Test
    void aCancelledWatchIsFreedAndSendsNothingMore() {
        client.take(1);
        client.cancel();
        log();
        client.take(100);
        assertThat(client.sent).hasSize(1);
        assertThat(queue.watches()).isZero();
        assertThat(ends).hasValue(1);
    }

    @Test
    void aClientThatTakesNothingIsCutAndMayResume() {
        client.take(2);
        beat(PulledStream.MAX_STALLED_BEATS - 1);
        client.take(1);
        assertThat(client.error).isNull();
        log();
        beat(PulledStream.MAX_STALLED_BEATS);
        assertThat(client.error).isNull();
        beat(1);
        assertThat(TestServer.reason(StatusProto.fromThrowable(client.error))).isEqualTo("WATCH_TOO_SLOW");
        assertThat(queue.watches()).isZero();
        assertThat(ends).hasValue(1);
        assertThat(client.numbers()).containsExactly(1L, 2L, 3L);

        TakingClient again = new TakingClient();
        new PulledStream<>(new JobEventSource(queue, "job-a", 4, Clock.systemUTC()), again, Runnable::run, () -> {})
                .start(wake -> queue.watch("job-a", wake));
        again.take(10);
        assertThat(again.numbers()).containsExactly(4L);
    }

    @Test
    void aQuietWatchIsNeverCut() {
        client.take(1000);
        beat(5 * PulledStream.MAX_STALLED_BEATS);
        assertThat(client.error).isNull();
    }

    private void beat(int times) {
        for (int i = 0; i < times; i++) {
            stream.beat();
        }
    }

    private void log() {
        Opaque line = Opaque.of(EventMapper.log(Severity.SEVERITY_INFO, "x").toByteArray());
        Recorded body = new Recorded(Kind.LOG, line);
        runs.report("job-a", 1, ++logged, List.of(new Report(Instant.EPOCH, body)));
    }
}
