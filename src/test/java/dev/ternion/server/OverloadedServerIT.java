package dev.ternion.server;

import static dev.ternion.server.TestServer.reason;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.google.common.util.concurrent.ListenableFuture;
import dev.ternion.api.v1.GetJobRequest;
import dev.ternion.api.v1.Job;
import dev.ternion.api.v1.JobServiceGrpc;
import dev.ternion.api.v1.JobServiceGrpc.JobServiceBlockingStub;
import dev.ternion.api.v1.JobServiceGrpc.JobServiceFutureStub;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.MetadataUtils;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server whose threads all wait refuses what is too much at once, tells its health, and does what it has accepted. */
class OverloadedServerIT {
    private static final int THREADS = 2;
    private static final int WAITING = 3;

    @TempDir
    Path folder;

    private TestServer test;

    @BeforeEach
    void start() throws Exception {
        test = new TestServer(
                folder,
                usual -> new ServerSettings(
                        usual.host(),
                        usual.port(),
                        usual.uploadFolder(),
                        usual.importRoots(),
                        usual.maxUploadBytes(),
                        THREADS,
                        WAITING,
                        usual.heartbeat(),
                        usual.unaryDeadline(),
                        usual.streamDeadline(),
                        usual.quotas()));
    }

    @AfterEach
    void stop() throws Exception {
        test.close();
    }

    @Test
    void whatIsTooMuchIsRefusedAtOnceAndTheRestIsDone() throws Exception {
        test.create("job-a");
        GetJobRequest get =
                GetJobRequest.newBuilder().setName(TestServer.name("job-a")).build();
        JobServiceFutureStub stub = JobServiceGrpc.newFutureStub(test.channel);
        List<ListenableFuture<Job>> calls = new ArrayList<>();
        ManagedChannel other = test.connect();
        try {
            synchronized (test.store) {
                await().until(() -> {
                    calls.add(stub.getJob(get));
                    Thread.sleep(20);
                    return calls.stream().anyMatch(ListenableFuture::isDone);
                });
                JobServiceBlockingStub strangers =
                        JobServiceGrpc.newBlockingStub(other).withDeadlineAfter(1, TimeUnit.MINUTES);
                for (int i = 0; i < 50; i++) {
                    StatusRuntimeException refused =
                            catchThrowableOfType(StatusRuntimeException.class, () -> strangers.getJob(get));
                    assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
                    assertThat(reason(StatusProto.fromThrowable(refused))).isEqualTo("OVERLOADED");
                }
                assertThat(HealthGrpc.newBlockingStub(other)
                                .withDeadlineAfter(1, TimeUnit.MINUTES)
                                .check(HealthCheckRequest.getDefaultInstance())
                                .getStatus())
                        .isEqualTo(ServingStatus.SERVING);
            }
            int done = 0;
            for (ListenableFuture<Job> call : calls) {
                try {
                    call.get(1, TimeUnit.MINUTES);
                    done++;
                } catch (java.util.concurrent.ExecutionException e) {
                    assertThat(Status.fromThrowable(e).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
                }
            }
            assertThat(done).isBetween(THREADS + WAITING, calls.size() - 1);
            // The last of those calls may be answered before their threads are free.
            await().ignoreExceptionsMatching(e -> Status.fromThrowable(e).getCode() == Status.Code.UNAVAILABLE)
                    .until(() -> test.jobs.getJob(get).getName().equals(get.getName()));
        } finally {
            other.shutdownNow();
        }
    }

    @Test
    void aClientCannotSayThatItsCallIsTooMuch() {
        test.create("job-a");
        Metadata headers = new Metadata();
        headers.put(Metadata.Key.of("x-ternion-waiting", Metadata.ASCII_STRING_MARSHALLER), "no number");
        Job job = test.jobs
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                .getJob(GetJobRequest.newBuilder()
                        .setName(TestServer.name("job-a"))
                        .build());
        assertThat(job.getName()).isEqualTo(TestServer.name("job-a"));
    }
}
