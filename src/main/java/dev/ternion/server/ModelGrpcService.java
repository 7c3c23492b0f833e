package dev.ternion.server;

import com.google.protobuf.Empty;
import dev.ternion.api.ResourceNames;
import dev.ternion.api.v1.DeleteModelRequest;
import dev.ternion.api.v1.GetModelRequest;
import dev.ternion.api.v1.ImportModelHeader;
import dev.ternion.api.v1.ImportModelRequest;
import dev.ternion.api.v1.ListModelsRequest;
import dev.ternion.api.v1.ListModelsResponse;
import dev.ternion.api.v1.Model;
import dev.ternion.api.v1.ModelServiceGrpc;
import dev.ternion.api.v1.UploadedFile;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** ModelService on a {@link ModelCatalog}. */
final class ModelGrpcService extends ModelServiceGrpc.ModelServiceImplBase {
    private final ModelCatalog catalog;
    private final ActiveReferences active;
    private final ImportSources sources;
    private final Storage storage;
    private final PageTokens tokens;

    ModelGrpcService(
            ModelCatalog catalog, ActiveReferences active, ImportSources sources, Storage storage, PageTokens tokens) {
        this.catalog = catalog;
        this.active = active;
        this.sources = sources;
        this.storage = storage;
        this.tokens = tokens;
    }

    @Override
    public StreamObserver<ImportModelRequest> importModel(StreamObserver<Model> client) {
        return new ImportStream<>(
                message -> message.hasHeader() ? message.getHeader() : null,
                message -> message.hasChunk() ? message.getChunk() : null,
                new Import(),
                UploadFolder::fileOrFolder,
                sources,
                client);
    }

    @Override
    public void getModel(GetModelRequest request, StreamObserver<Model> client) {
        Answers.send(client, () -> find(id(request.getName())));
    }

    @Override
    public void listModels(ListModelsRequest request, StreamObserver<ListModelsResponse> client) {
        Requests.requireParent(request.getParent());
        Answers.send(client, () -> {
            Listing<Model> all = catalog.list();
            Pages<Model> page = Pages.of(
                    all.items(), Model::getName, "models", request.getPageSize(), request.getPageToken(), tokens);
            ListModelsResponse.Builder response =
                    ListModelsResponse.newBuilder().addAllModels(page.items()).setNextPageToken(page.nextToken());
            if (page.isLast()) {
                all.corrupt().stream().map(ResourceNames.MODEL::name).forEach(response::addUnreachable);
            }
            return response.build();
        });
    }

    @Override
    public void deleteModel(DeleteModelRequest request, StreamObserver<Empty> client) {
        String id = id(request.getName());
        Answers.send(client, () -> {
            AuditNote.beforeDeletion(() -> find(id));
            active.readerOfModel(id).ifPresent(job -> {
                throw Refusal.precondition(
                        "MODEL_IN_USE",
                        ResourceNames.MODEL.name(id),
                        "job " + job + " reads model " + id + "; wait until it has ended, or cancel it");
            });
            catalog.delete(id);
            return Empty.getDefaultInstance();
        });
    }

    private Model find(String id) throws IOException {
        return catalog.find(id).orElseThrow(() -> Refusal.notFound(ResourceNames.MODEL, id));
    }

    private static String id(String name) {
        return Requests.id(ResourceNames.MODEL, "name", name);
    }

    private final class Import implements ImportStream.Target<ImportModelHeader, Model> {
        @Override
        public String begin(ImportModelHeader header) throws IOException {
            Requests.requireParent(header.getParent());
            Requests.requireNoSecret(header);
            String id = Requests.newId("header.model_id", header.getModelId());
            if (catalog.find(id).isPresent()) {
                throw Refusal.exists(ResourceNames.MODEL, id);
            }
            storage.requireSome(AuthInterceptor.caller());
            return header.getServerPath();
        }

        @Override
        public List<UploadedFile> uploads(ImportModelHeader header) {
            return header.getUploadsList();
        }

        @Override
        public Model finish(ImportModelHeader header, Path source) throws IOException {
            return catalog.importModel(
                    header.getModelId(), header.getDisplayName(), source, storage.room(AuthInterceptor.caller()));
        }
    }
}
