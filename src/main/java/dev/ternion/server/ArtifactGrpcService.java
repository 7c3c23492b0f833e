package dev.ternion.server;

import dev.ternion.api.ResourceNames;
import dev.ternion.api.v1.ArtifactFile;
import dev.ternion.api.v1.ArtifactServiceGrpc;
import dev.ternion.api.v1.DownloadArtifactRequest;
import dev.ternion.api.v1.DownloadArtifactResponse;
import dev.ternion.api.v1.ListFilesRequest;
import dev.ternion.api.v1.ListFilesResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.concurrent.Executor;

/** ArtifactService on a {@link ModelCatalog}. */
final class ArtifactGrpcService extends ArtifactServiceGrpc.ArtifactServiceImplBase {
    private final ModelCatalog catalog;
    private final ModelFiles files;
    private final PageTokens tokens;
    private final Executor executor;

    ArtifactGrpcService(ModelCatalog catalog, PageTokens tokens, Executor executor) {
        this.catalog = catalog;
        this.files = new ModelFiles(catalog);
        this.tokens = tokens;
        this.executor = executor;
    }

    @Override
    public void listFiles(ListFilesRequest request, StreamObserver<ListFilesResponse> client) {
        String id = Requests.id(ResourceNames.MODEL, "parent", request.getParent());
        Answers.send(client, () -> {
            Pages<StoredFile> page = Pages.of(
                    files.list(id),
                    StoredFile::path,
                    "files " + id,
                    request.getPageSize(),
                    request.getPageToken(),
                    tokens);
            ListFilesResponse.Builder response = ListFilesResponse.newBuilder().setNextPageToken(page.nextToken());
            page.items().forEach(file -> response.addFiles(message(id, file)));
            return response.build();
        });
    }

    @Override
    public void downloadArtifact(DownloadArtifactRequest request, StreamObserver<DownloadArtifactResponse> client) {
        try {
            download(request, (ServerCallStreamObserver<DownloadArtifactResponse>) client);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void download(DownloadArtifactRequest request, ServerCallStreamObserver<DownloadArtifactResponse> client)
            throws IOException {
        ModelFiles.Found found = files.find("name", request.getName());
        long from = request.getOffset();
        Requests.requireOffset("offset", from, found.file().size());
        StoredFile file = found.file().sha256().isEmpty() ? digested(found.model(), found.file()) : found.file();
        new DownloadStream<>(
                        catalog.open(found.model(), file.path()).position(from),
                        from,
                        file.size(),
                        (offset, data) -> DownloadArtifactResponse.newBuilder()
                                .setOffset(offset)
                                .setData(data)
                                .setTotalSize(file.size())
                                .setSha256(file.sha256())
                                .build(),
                        client,
                        executor)
                .start();
    }

    private StoredFile digested(String model, StoredFile file) throws IOException {
        MessageDigest digest = UploadFolder.sha256();
        ByteBuffer buffer = ByteBuffer.allocate(ServerSettings.DOWNLOAD_CHUNK_BYTES);
        try (SeekableByteChannel channel = catalog.open(model, file.path())) {
            while (channel.read(buffer.clear()) >= 0) {
                digest.update(buffer.flip());
            }
        }
        return new StoredFile(file.path(), file.size(), HexFormat.of().formatHex(digest.digest()));
    }

    private static ArtifactFile message(String id, StoredFile file) {
        return ArtifactFile.newBuilder()
                .setName(ModelFiles.name(id, file))
                .setSize(file.size())
                .setSha256(file.sha256())
                .build();
    }
}
