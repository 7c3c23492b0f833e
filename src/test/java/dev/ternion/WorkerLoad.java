package dev.ternion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.MoreExecutors;
import com.google.protobuf.ByteString;
import dev.ternion.api.ResourceNames;
import dev.ternion.api.internal.v1.Address;
import dev.ternion.api.internal.v1.Attempt;
import dev.ternion.api.internal.v1.ReportRequest;
import dev.ternion.api.internal.v1.SeriesPoints;
import dev.ternion.api.internal.v1.WorkerServiceGrpc;
import dev.ternion.api.internal.v1.WorkerServiceGrpc.WorkerServiceFutureStub;
import dev.ternion.api.v1.CreateJobRequest;
import dev.ternion.api.v1.Job;
import dev.ternion.api.v1.ListSeriesRequest;
import dev.ternion.api.v1.MetricServiceGrpc;
import dev.ternion.api.v1.Series;
import dev.ternion.telemetry.PointBlock;
import dev.ternion.telemetry.PointList;
import dev.ternion.worker.grpc.GrpcLink;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Says in the place of a job's worker, which is stopped, what its training measures; faster than a training can. */
final class WorkerLoad implements AutoCloseable {
    /** Calls for each second. */
    static final int CALLS = 10;

    private static final int SERIES = 20;
    private static final int STEPS = 260;
    private static final String JOB = "loaded";

    private final ServerProcess server;
    private final ProcessHandle worker;
    private final ManagedChannel channel;
    private final WorkerServiceFutureStub stub;
    private ListenableFuture<?> last = Futures.immediateVoidFuture();
    private long step;

    private WorkerLoad(ServerProcess server, ProcessHandle worker, Address address) {
        this.server = server;
        this.worker = worker;
        channel = ManagedChannelBuilder.forAddress("127.0.0.1", address.getPort())
                .usePlaintext()
                .build();
        Metadata headers = new Metadata();
        headers.put(GrpcLink.SECRET, address.getSecret());
        stub = WorkerServiceGrpc.newFutureStub(channel)
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
    }

    static WorkerLoad of(ServerProcess server, Path data) throws Exception {
        CreateJobRequest.Builder create = CreateJobRequest.newBuilder().setJobId(JOB);
        create.getJobBuilder().setSpec(KilledServerIT.fineTune(100_000_000));
        server.jobs().createJob(create.build());
        await().atMost(Duration.ofMinutes(1)).until(() -> server.job(JOB).getState() == Job.State.STATE_RUNNING);
        assertThat(server.workers()).hasSize(1);
        ProcessHandle worker = server.workers().get(0);
        new ProcessBuilder("kill", "-STOP", String.valueOf(worker.pid()))
                .start()
                .waitFor();
        return new WorkerLoad(
                server, worker, Address.parseFrom(Files.readAllBytes(data.resolve(GrpcLink.ADDRESS_FILE))));
    }

    /** Some steps of all series. */
    ListenableFuture<?> report() {
        PointList points = new PointList();
        for (int i = 0; i < STEPS; i++) {
            step++;
            points.add(step, 1.0 / step, 1_900_000_000_000L + 5 * step);
        }
        ByteString block = ByteString.copyFrom(PointBlock.write(points.points()));
        ReportRequest.Builder request = ReportRequest.newBuilder()
                .setAttempt(Attempt.newBuilder().setJob(JOB).setNumber(1))
                .setFirst(1);
        for (int i = 0; i < SERIES; i++) {
            request.addPoints(SeriesPoints.newBuilder()
                    .setArm("load")
                    .setSeed(i)
                    .setMetric("loss.total")
                    .setPoints(block));
        }
        // As a worker does: not before the call before has been answered.
        last = Futures.transformAsync(last, answered -> stub.report(request.build()), MoreExecutors.directExecutor());
        return last;
    }

    /** Points that were told. */
    long told() {
        return step * SERIES;
    }

    /** Those that the server has of them. */
    long stored() {
        return MetricServiceGrpc.newBlockingStub(server.jobs().getChannel())
                .listSeries(ListSeriesRequest.newBuilder()
                        .setParent(ResourceNames.JOB.name(JOB))
                        .setPageSize(1000)
                        .build())
                .getSeriesList()
                .stream()
                .filter(series -> series.getArm().equals("load"))
                .mapToLong(Series::getPointCount)
                .sum();
    }

    @Override
    public void close() {
        channel.shutdownNow();
        worker.destroyForcibly();
    }
}
