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
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;

/** ArtifactService on a {@link ModelCatalog}. */
final class ArtifactGrpcService extends ArtifactServiceGrpc.ArtifactServiceImplBase {
    private static final String FILES = "/files/";

    private final ModelCatalog catalog;
    private final PageTokens tokens;
    private final Executor executor;

    ArtifactGrpcService(ModelCatalog catalog, PageTokens tokens, Executor executor) {
        this.catalog = catalog;
        this.tokens = tokens;
        this.executor = executor;
    }

    @Override
    public void listFiles(ListFilesRequest request, StreamObserver<ListFilesResponse> client) {
        String id = Requests.id(ResourceNames.MODEL, "parent", request.getParent());
        Answers.send(client, () -> {
            Pages<StoredFile> page = Pages.of(
                    files(id), StoredFile::path, "files " + id, request.getPageSize(), request.getPageToken(), tokens);
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
        int cut = request.getName().indexOf(FILES);
        String model = Requests.id(
                ResourceNames.MODEL,
                "name",
                cut < 0 ? request.getName() : request.getName().substring(0, cut));
        String path = cut < 0 ? "" : request.getName().substring(cut + FILES.length());
        StoredFile file = files(model).stream()
                .filter(candidate -> candidate.path().equals(path))
                .findFirst()
                .orElseThrow(() -> Refusal.fileNotFound(model, path));
        if (request.getOffset() < 0 || request.getOffset() > file.size()) {
            throw Refusal.outOfRange(
                    "OFFSET_INVALID",
                    "offset is " + request.getOffset() + ", wanted 0 to " + file.size(),
                    Map.of("total_size", String.valueOf(file.size())));
        }
        StoredFile digested = file.sha256().isEmpty() ? digested(model, file) : file;
        new DownloadStream(catalog.open(model, path), digested, request.getOffset(), client, executor).start();
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

    private List<StoredFile> files(String id) throws IOException {
        if (catalog.find(id).isEmpty()) {
            throw Refusal.notFound(ResourceNames.MODEL, id);
        }
        return catalog.files(id);
    }

    private static ArtifactFile message(String id, StoredFile file) {
        return ArtifactFile.newBuilder()
                .setName(ResourceNames.MODEL.name(id) + FILES + file.path())
                .setSize(file.size())
                .setSha256(file.sha256())
                .build();
    }
}
