package dev.ternion.server;

import dev.ternion.api.ResourceNames;
import dev.ternion.api.v1.ByteStreamGrpc;
import dev.ternion.api.v1.QueryWriteStatusRequest;
import dev.ternion.api.v1.QueryWriteStatusResponse;
import dev.ternion.api.v1.ReadRequest;
import dev.ternion.api.v1.ReadResponse;
import dev.ternion.api.v1.WriteRequest;
import dev.ternion.api.v1.WriteResponse;
import dev.ternion.objects.Upload;
import dev.ternion.objects.Uploads;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.util.concurrent.Executor;

/** google.bytestream: reads files of models and uploads, writes uploads. */
final class ByteStreamGrpcService extends ByteStreamGrpc.ByteStreamImplBase {
    private static final String FIELD = "resource_name";
    private static final String UPLOADS = ResourceNames.UPLOAD.name("");

    private final Uploads uploads;
    private final ModelCatalog models;
    private final ModelFiles files;
    private final Executor executor;

    ByteStreamGrpcService(Uploads uploads, ModelCatalog models, Executor executor) {
        this.uploads = uploads;
        this.models = models;
        this.files = new ModelFiles(models);
        this.executor = executor;
    }

    @Override
    public void read(ReadRequest request, StreamObserver<ReadResponse> client) {
        try {
            if (request.getResourceName().startsWith(UPLOADS)) {
                readUpload(request, client);
            } else {
                readModel(request, client);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void readUpload(ReadRequest request, StreamObserver<ReadResponse> client) throws IOException {
        String id = id(request.getResourceName());
        long end = end(request, uploads.get(id).size());
        send(Channels.newChannel(uploads.open(id, request.getReadOffset())), request.getReadOffset(), end, client);
    }

    private void readModel(ReadRequest request, StreamObserver<ReadResponse> client) throws IOException {
        ModelFiles.Found found = files.find(FIELD, request.getResourceName());
        long end = end(request, found.file().size());
        ReadableByteChannel file =
                models.open(found.model(), found.file().path()).position(request.getReadOffset());
        send(file, request.getReadOffset(), end, client);
    }

    private void send(ReadableByteChannel file, long from, long end, StreamObserver<ReadResponse> client) {
        new DownloadStream<>(
                        file,
                        from,
                        end,
                        (offset, data) ->
                                ReadResponse.newBuilder().setData(data).build(),
                        (ServerCallStreamObserver<ReadResponse>) client,
                        executor)
                .start();
    }

    private static long end(ReadRequest request, long size) {
        Requests.requireOffset("read_offset", request.getReadOffset(), size);
        if (request.getReadLimit() < 0) {
            throw Refusal.invalid(
                    Requests.REASON, "read_limit", "is " + request.getReadLimit() + ", wanted 0 for all, or more");
        }
        long left = size - request.getReadOffset();
        return request.getReadOffset() + (request.getReadLimit() == 0 ? left : Math.min(left, request.getReadLimit()));
    }

    @Override
    public StreamObserver<WriteRequest> write(StreamObserver<WriteResponse> client) {
        return new WriteStream(uploads, (ServerCallStreamObserver<WriteResponse>) client);
    }

    @Override
    public void queryWriteStatus(QueryWriteStatusRequest request, StreamObserver<QueryWriteStatusResponse> client) {
        String id = id(request.getResourceName());
        Answers.send(client, () -> {
            Upload upload = uploads.commit(id);
            return QueryWriteStatusResponse.newBuilder()
                    .setCommittedSize(upload.committed())
                    .setComplete(upload.committed() == upload.size())
                    .build();
        });
    }

    static String id(String name) {
        return Requests.id(ResourceNames.UPLOAD, FIELD, name);
    }
}
