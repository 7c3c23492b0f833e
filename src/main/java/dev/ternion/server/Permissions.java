package dev.ternion.server;

import dev.ternion.api.v1.ArtifactServiceGrpc;
import dev.ternion.api.v1.ByteStreamGrpc;
import dev.ternion.api.v1.CancelJobRequest;
import dev.ternion.api.v1.CheckpointServiceGrpc;
import dev.ternion.api.v1.CreateCheckpointRequest;
import dev.ternion.api.v1.CreateJobRequest;
import dev.ternion.api.v1.CreateUploadRequest;
import dev.ternion.api.v1.DatasetServiceGrpc;
import dev.ternion.api.v1.DeleteCheckpointRequest;
import dev.ternion.api.v1.DeleteDatasetRequest;
import dev.ternion.api.v1.DeleteJobRequest;
import dev.ternion.api.v1.DeleteModelRequest;
import dev.ternion.api.v1.DeleteUploadRequest;
import dev.ternion.api.v1.DownloadArtifactRequest;
import dev.ternion.api.v1.FinalizeUploadRequest;
import dev.ternion.api.v1.ForkJobRequest;
import dev.ternion.api.v1.GetCheckpointRequest;
import dev.ternion.api.v1.GetDatasetRequest;
import dev.ternion.api.v1.GetJobReportRequest;
import dev.ternion.api.v1.GetJobRequest;
import dev.ternion.api.v1.GetModelRequest;
import dev.ternion.api.v1.IngestPointsRequest;
import dev.ternion.api.v1.JobServiceGrpc;
import dev.ternion.api.v1.ListAttemptsRequest;
import dev.ternion.api.v1.ListCheckpointsRequest;
import dev.ternion.api.v1.ListDatasetsRequest;
import dev.ternion.api.v1.ListFilesRequest;
import dev.ternion.api.v1.ListJobsRequest;
import dev.ternion.api.v1.ListLogEntriesRequest;
import dev.ternion.api.v1.ListModelsRequest;
import dev.ternion.api.v1.ListSeriesRequest;
import dev.ternion.api.v1.LogServiceGrpc;
import dev.ternion.api.v1.MetricServiceGrpc;
import dev.ternion.api.v1.ModelServiceGrpc;
import dev.ternion.api.v1.PauseJobRequest;
import dev.ternion.api.v1.QuerySeriesRequest;
import dev.ternion.api.v1.QueryWriteStatusRequest;
import dev.ternion.api.v1.ReadRequest;
import dev.ternion.api.v1.ResumeJobRequest;
import dev.ternion.api.v1.TailLogsRequest;
import dev.ternion.api.v1.UpdateCheckpointRequest;
import dev.ternion.api.v1.UploadServiceGrpc;
import dev.ternion.api.v1.VerifyCheckpointRequest;
import dev.ternion.api.v1.WatchJobRequest;
import dev.ternion.api.v1.WatchJobsRequest;
import dev.ternion.api.v1.WatchSeriesRequest;
import dev.ternion.api.v1.WriteRequest;
import dev.ternion.auth.Role;
import io.grpc.MethodDescriptor;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Every method with its rule. A method without one is denied to all. {@code src/docs/SECURITY.md} shows the same table. */
final class Permissions {
    private static final Map<String, Rule> RULES = new HashMap<>();

    static {
        reads(JobServiceGrpc.getGetJobMethod(), GetJobRequest::getName);
        reads(JobServiceGrpc.getListJobsMethod(), ListJobsRequest::getParent);
        reads(JobServiceGrpc.getWatchJobMethod(), WatchJobRequest::getName);
        reads(JobServiceGrpc.getWatchJobsMethod(), WatchJobsRequest::getParent);
        reads(JobServiceGrpc.getGetJobReportMethod(), GetJobReportRequest::getName);
        reads(JobServiceGrpc.getListAttemptsMethod(), ListAttemptsRequest::getParent);
        changes(JobServiceGrpc.getCreateJobMethod(), Role.SUBMITTER, CreateJobRequest::getParent);
        changes(JobServiceGrpc.getForkJobMethod(), Role.SUBMITTER, ForkJobRequest::getName);
        changes(JobServiceGrpc.getCancelJobMethod(), Role.OPERATOR, CancelJobRequest::getName);
        changes(JobServiceGrpc.getPauseJobMethod(), Role.OPERATOR, PauseJobRequest::getName);
        changes(JobServiceGrpc.getResumeJobMethod(), Role.OPERATOR, ResumeJobRequest::getName);
        changes(JobServiceGrpc.getDeleteJobMethod(), Role.OPERATOR, DeleteJobRequest::getName);

        reads(MetricServiceGrpc.getListSeriesMethod(), ListSeriesRequest::getParent);
        reads(MetricServiceGrpc.getQuerySeriesMethod(), QuerySeriesRequest::getName);
        reads(MetricServiceGrpc.getWatchSeriesMethod(), WatchSeriesRequest::getName);
        changes(MetricServiceGrpc.getIngestPointsMethod(), Role.SUBMITTER, IngestPointsRequest::getName);
        reads(LogServiceGrpc.getListLogEntriesMethod(), ListLogEntriesRequest::getParent);
        reads(LogServiceGrpc.getTailLogsMethod(), TailLogsRequest::getName);
        reads(CheckpointServiceGrpc.getListCheckpointsMethod(), ListCheckpointsRequest::getParent);
        reads(CheckpointServiceGrpc.getGetCheckpointMethod(), GetCheckpointRequest::getName);
        put(CheckpointServiceGrpc.getVerifyCheckpointMethod(), Role.SUBMITTER, false, VerifyCheckpointRequest::getName);
        changes(CheckpointServiceGrpc.getCreateCheckpointMethod(), Role.OPERATOR, CreateCheckpointRequest::getParent);
        changes(CheckpointServiceGrpc.getUpdateCheckpointMethod(), Role.OPERATOR, UpdateCheckpointRequest::getName);
        changes(CheckpointServiceGrpc.getDeleteCheckpointMethod(), Role.OPERATOR, DeleteCheckpointRequest::getName);

        reads(ModelServiceGrpc.getGetModelMethod(), GetModelRequest::getName);
        reads(ModelServiceGrpc.getListModelsMethod(), ListModelsRequest::getParent);
        changes(
                ModelServiceGrpc.getImportModelMethod(),
                Role.SUBMITTER,
                message -> message.getHeader().getParent());
        changes(ModelServiceGrpc.getDeleteModelMethod(), Role.OPERATOR, DeleteModelRequest::getName);

        reads(DatasetServiceGrpc.getGetDatasetMethod(), GetDatasetRequest::getName);
        reads(DatasetServiceGrpc.getListDatasetsMethod(), ListDatasetsRequest::getParent);
        changes(
                DatasetServiceGrpc.getImportDatasetMethod(),
                Role.SUBMITTER,
                message -> message.getHeader().getParent());
        changes(DatasetServiceGrpc.getDeleteDatasetMethod(), Role.OPERATOR, DeleteDatasetRequest::getName);

        reads(ArtifactServiceGrpc.getListFilesMethod(), ListFilesRequest::getParent);
        reads(ArtifactServiceGrpc.getDownloadArtifactMethod(), DownloadArtifactRequest::getName);

        changes(UploadServiceGrpc.getCreateUploadMethod(), Role.SUBMITTER, CreateUploadRequest::getParent);
        changes(UploadServiceGrpc.getFinalizeUploadMethod(), Role.SUBMITTER, FinalizeUploadRequest::getName);
        changes(UploadServiceGrpc.getDeleteUploadMethod(), Role.SUBMITTER, DeleteUploadRequest::getName);
        changes(ByteStreamGrpc.getWriteMethod(), Role.SUBMITTER, WriteRequest::getResourceName);
        reads(ByteStreamGrpc.getQueryWriteStatusMethod(), QueryWriteStatusRequest::getResourceName);
        reads(ByteStreamGrpc.getReadMethod(), ReadRequest::getResourceName);

        // Probes have no token, and learn whether the server serves. A watch would hold a stream for nobody.
        RULES.put(HealthGrpc.getCheckMethod().getFullMethodName(), new Rule(null, false, null));
        RULES.put(HealthGrpc.getWatchMethod().getFullMethodName(), new Rule(Role.VIEWER, false, null));
        RULES.put(
                ServerReflectionGrpc.getServerReflectionInfoMethod().getFullMethodName(),
                new Rule(Role.ADMIN, false, null));
    }

    private Permissions() {}

    /** The rule of a method, by its full name. */
    static Optional<Rule> of(String method) {
        return Optional.ofNullable(RULES.get(method));
    }

    private static <Q> void reads(MethodDescriptor<Q, ?> method, Function<Q, String> resource) {
        put(method, Role.VIEWER, false, resource);
    }

    private static <Q> void changes(MethodDescriptor<Q, ?> method, Role role, Function<Q, String> resource) {
        put(method, role, true, resource);
    }

    @SuppressWarnings("unchecked") // the method's own marshaller made the message
    private static <Q> void put(
            MethodDescriptor<Q, ?> method, Role role, boolean changes, Function<Q, String> resource) {
        RULES.put(method.getFullMethodName(), new Rule(role, changes, message -> resource.apply((Q) message)));
    }
}
