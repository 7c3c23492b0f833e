package dev.ternion.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.jobs.InMemoryJobStore;
import dev.ternion.jobs.JobChanges;
import dev.ternion.jobs.JobQueue;
import dev.ternion.jobs.Opaque;
import dev.ternion.jobs.Placement;
import dev.ternion.jobs.Submission;
import io.grpc.protobuf.StatusProto;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The end of all watches when the server stops. */
class WatchesTest {
    private final JobQueue queue =
            new JobQueue(new JobChanges(new InMemoryJobStore(10, 5000), Clock.systemUTC()), UUID::randomUUID, 10);
    private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
    private final Watches watches = new Watches(Runnable::run, scheduler, Duration.ofMinutes(1), Quotas.NONE);

    @AfterEach
    void stop() {
        scheduler.shutdownNow();
    }

    @Test
    void allEndWithTheReason() {
        TakingClient client = watch();
        assertThat(client.error).isNull();
        watches.closeAll(AdmissionInterceptor.draining());
        assertEnded(client);
    }

    @Test
    void oneThatWasLetInJustBeforeEndsToo() {
        watches.closeAll(AdmissionInterceptor.draining());
        assertEnded(watch());
    }

    private TakingClient watch() {
        queue.submit(new Submission("job-a", "", Opaque.EMPTY, Placement.on("cpu"), "", ""));
        TakingClient client = new TakingClient();
        watches.start(
                new JobEventSource(queue, "job-a", 0, Clock.systemUTC()), wake -> queue.watch("job-a", wake), client);
        return client;
    }

    private void assertEnded(TakingClient client) {
        assertThat(TestServer.reason(StatusProto.fromThrowable(client.error))).isEqualTo("DRAINING");
        assertThat(watches.count()).isZero();
        assertThat(queue.watches()).isZero();
    }
}
