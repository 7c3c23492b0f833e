package dev.ternion.server;

import com.google.protobuf.Empty;
import dev.ternion.api.ResourceNames;
import dev.ternion.api.v1.Dataset;
import dev.ternion.api.v1.DatasetFormat.LayoutCase;
import dev.ternion.api.v1.DatasetServiceGrpc;
import dev.ternion.api.v1.DeleteDatasetRequest;
import dev.ternion.api.v1.GetDatasetRequest;
import dev.ternion.api.v1.ImportDatasetHeader;
import dev.ternion.api.v1.ImportDatasetRequest;
import dev.ternion.api.v1.ListDatasetsRequest;
import dev.ternion.api.v1.ListDatasetsResponse;
import dev.ternion.api.v1.UploadedFile;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** DatasetService on a {@link DatasetCatalog}. */
final class DatasetGrpcService extends DatasetServiceGrpc.DatasetServiceImplBase {
    private final DatasetCatalog catalog;
    private final ActiveReferences active;
    private final ImportSources sources;
    private final Storage storage;
    private final PageTokens tokens;

    DatasetGrpcService(
            DatasetCatalog catalog,
            ActiveReferences active,
            ImportSources sources,
            Storage storage,
            PageTokens tokens) {
        this.catalog = catalog;
        this.active = active;
        this.sources = sources;
        this.storage = storage;
        this.tokens = tokens;
    }

    @Override
    public StreamObserver<ImportDatasetRequest> importDataset(StreamObserver<Dataset> client) {
        return new ImportStream<>(
                message -> message.hasHeader() ? message.getHeader() : null,
                message -> message.hasChunk() ? message.getChunk() : null,
                new Import(),
                UploadFolder::folder,
                sources,
                client);
    }

    @Override
    public void getDataset(GetDatasetRequest request, StreamObserver<Dataset> client) {
        Answers.send(client, () -> find(id(request.getName())));
    }

    @Override
    public void listDatasets(ListDatasetsRequest request, StreamObserver<ListDatasetsResponse> client) {
        Requests.requireParent(request.getParent());
        Answers.send(client, () -> {
            Listing<Dataset> all = catalog.list();
            Pages<Dataset> page = Pages.of(
                    all.items(), Dataset::getName, "datasets", request.getPageSize(), request.getPageToken(), tokens);
            ListDatasetsResponse.Builder response = ListDatasetsResponse.newBuilder()
                    .addAllDatasets(page.items())
                    .setNextPageToken(page.nextToken());
            if (page.isLast()) {
                all.corrupt().stream().map(ResourceNames.DATASET::name).forEach(response::addUnreachable);
            }
            return response.build();
        });
    }

    @Override
    public void deleteDataset(DeleteDatasetRequest request, StreamObserver<Empty> client) {
        String id = id(request.getName());
        Answers.send(client, () -> {
            AuditNote.beforeDeletion(() -> find(id));
            active.readerOfDataset(id).ifPresent(job -> {
                throw Refusal.precondition(
                        "DATASET_IN_USE",
                        ResourceNames.DATASET.name(id),
                        "job " + job + " reads data set " + id + "; wait until it has ended, or cancel it");
            });
            catalog.delete(id);
            return Empty.getDefaultInstance();
        });
    }

    private Dataset find(String id) throws IOException {
        return catalog.find(id).orElseThrow(() -> Refusal.notFound(ResourceNames.DATASET, id));
    }

    private static String id(String name) {
        return Requests.id(ResourceNames.DATASET, "name", name);
    }

    private final class Import implements ImportStream.Target<ImportDatasetHeader, Dataset> {
        @Override
        public String begin(ImportDatasetHeader header) throws IOException {
            Requests.requireParent(header.getParent());
            Requests.requireNoSecret(header);
            String id = Requests.newId("header.dataset_id", header.getDatasetId());
            if (header.getFormat().getLayoutCase() == LayoutCase.LAYOUT_NOT_SET) {
                throw Refusal.invalid(
                        Requests.REASON, "header.format", "is absent, wanted one of glue, tabular, plain_lines");
            }
            if (catalog.find(id).isPresent()) {
                throw Refusal.exists(ResourceNames.DATASET, id);
            }
            storage.requireSome(AuthInterceptor.caller());
            return header.getServerPath();
        }

        @Override
        public List<UploadedFile> uploads(ImportDatasetHeader header) {
            return header.getUploadsList();
        }

        @Override
        public Dataset finish(ImportDatasetHeader header, Path folder) throws IOException {
            DatasetFiles.requireInside(header.getFormat(), folder);
            return catalog.importDataset(
                    header.getDatasetId(),
                    header.getDisplayName(),
                    header.getFormat(),
                    folder,
                    storage.room(AuthInterceptor.caller()));
        }
    }
}
