package dev.ternion.server;

import static dev.ternion.server.TestServer.reason;
import static dev.ternion.server.TestServer.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ternion.api.v1.GetJobRequest;
import dev.ternion.api.v1.ListJobsRequest;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the server is besides its services. */
class ServerIT {
    @TempDir
    Path folder;

    private TestServer test;

    @BeforeEach
    void start() throws Exception {
        test = new TestServer(folder);
    }

    @AfterEach
    void stop() throws Exception {
        test.close();
    }

    @Test
    void healthIsServingForTheServerAndEachService() {
        for (String service : new String[] {"", "ternion.v1.JobService", "ternion.v1.ArtifactService"}) {
            assertThat(HealthGrpc.newBlockingStub(test.channel)
                            .check(HealthCheckRequest.newBuilder()
                                    .setService(service)
                                    .build())
                            .getStatus())
                    .isEqualTo(ServingStatus.SERVING);
        }
    }

    @Test
    void reflectionListsTheServices() throws Exception {
        CompletableFuture<ServerReflectionResponse> answer = new CompletableFuture<>();
        StreamObserver<ServerReflectionRequest> requests = ServerReflectionGrpc.newStub(test.channel)
                .serverReflectionInfo(new StreamObserver<>() {
                    @Override
                    public void onNext(ServerReflectionResponse response) {
                        answer.complete(response);
                    }

                    @Override
                    public void onError(Throwable thrown) {
                        answer.completeExceptionally(thrown);
                    }

                    @Override
                    public void onCompleted() {}
                });
        requests.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
        assertThat(answer.get(1, TimeUnit.MINUTES).getListServicesResponse().getServiceList())
                .extracting(ServiceResponse::getName)
                .contains(
                        "ternion.v1.JobService",
                        "ternion.v1.ModelService",
                        "ternion.v1.DatasetService",
                        "ternion.v1.ArtifactService",
                        "grpc.health.v1.Health");
        requests.onCompleted();
    }

    @Test
    void theRequestIdComesBack() {
        Metadata headers = new Metadata();
        headers.put(RequestIdInterceptor.HEADER, "my-call-1");
        AtomicReference<Metadata> answered = new AtomicReference<>();
        test.jobs
                .withInterceptors(
                        MetadataUtils.newAttachHeadersInterceptor(headers),
                        MetadataUtils.newCaptureMetadataInterceptor(answered, new AtomicReference<>()))
                .listJobs(ListJobsRequest.getDefaultInstance());
        assertThat(answered.get().get(RequestIdInterceptor.HEADER)).isEqualTo("my-call-1");
    }

    @Test
    void wrongNamesAreRefused() {
        for (String name : new String[] {"", "projects/other/jobs/job-a", "projects/default/models/job-a"}) {
            GetJobRequest request = GetJobRequest.newBuilder().setName(name).build();
            assertThat(reason(refused(() -> test.jobs.getJob(request)))).isEqualTo("REQUEST_INVALID");
        }
    }

    @Test
    void aMessageOverFourMebibytesIsRefused() {
        GetJobRequest request =
                GetJobRequest.newBuilder().setName("x".repeat(5 << 20)).build();
        assertThatThrownBy(() -> test.jobs.getJob(request))
                .isInstanceOf(StatusRuntimeException.class)
                .hasMessageContaining("RESOURCE_EXHAUSTED");
    }
}
