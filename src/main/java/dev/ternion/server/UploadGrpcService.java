package dev.ternion.server;

import com.google.protobuf.Empty;
import com.google.protobuf.util.Timestamps;
import dev.ternion.api.ResourceNames;
import dev.ternion.api.v1.CreateUploadRequest;
import dev.ternion.api.v1.DeleteUploadRequest;
import dev.ternion.api.v1.FinalizeUploadRequest;
import dev.ternion.api.v1.Upload;
import dev.ternion.api.v1.UploadServiceGrpc;
import dev.ternion.objects.Uploads;
import io.grpc.stub.StreamObserver;
import java.util.UUID;
import java.util.function.Supplier;

/** UploadService on {@link Uploads}. */
final class UploadGrpcService extends UploadServiceGrpc.UploadServiceImplBase {
    private final Uploads uploads;
    private final Quotas quotas;
    private final Supplier<UUID> ids;

    /**
     * @param quotas of the bytes of a caller
     * @param ids for uploads that come without one
     */
    UploadGrpcService(Uploads uploads, Quotas quotas, Supplier<UUID> ids) {
        this.uploads = uploads;
        this.quotas = quotas;
        this.ids = ids;
    }

    @Override
    public void createUpload(CreateUploadRequest request, StreamObserver<Upload> client) {
        Requests.requireParent(request.getParent());
        String id = request.getUploadId().isEmpty()
                ? "upload-" + ids.get()
                : Requests.newId("upload_id", request.getUploadId());
        String owner = AuthInterceptor.caller();
        long most = quotas.of(owner).uploadBytes();
        Answers.send(client, () -> message(uploads.create(id, request.getSizeBytes(), owner, most)));
    }

    @Override
    public void finalizeUpload(FinalizeUploadRequest request, StreamObserver<Upload> client) {
        String id = id(request.getName());
        Answers.send(client, () -> {
            AuditNote.before(message(uploads.get(id)));
            return message(uploads.finish(id, request.getSha256()));
        });
    }

    @Override
    public void deleteUpload(DeleteUploadRequest request, StreamObserver<Empty> client) {
        String id = id(request.getName());
        Answers.send(client, () -> {
            AuditNote.before(message(uploads.get(id)));
            uploads.delete(id);
            return Empty.getDefaultInstance();
        });
    }

    private static String id(String name) {
        return Requests.id(ResourceNames.UPLOAD, "name", name);
    }

    private static Upload message(dev.ternion.objects.Upload upload) {
        return Upload.newBuilder()
                .setName(ResourceNames.UPLOAD.name(upload.id()))
                .setSizeBytes(upload.size())
                .setCommittedSize(upload.committed())
                .setSha256(upload.sha256())
                .setExpireTime(Timestamps.fromMillis(upload.expires().toEpochMilli()))
                .build();
    }
}
