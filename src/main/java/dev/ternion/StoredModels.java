package dev.ternion;

import com.google.protobuf.util.Timestamps;
import dev.ternion.api.ResourceNames;
import dev.ternion.api.v1.Model;
import dev.ternion.artifact.ArtifactException;
import dev.ternion.artifact.Manifest;
import dev.ternion.artifact.PretrainedImporter;
import dev.ternion.model.bert.BertConfig;
import dev.ternion.recipe.ModelCard;
import dev.ternion.recipe.ModelFolder;
import dev.ternion.recipe.Workspace;
import dev.ternion.server.Listing;
import dev.ternion.server.ModelCatalog;
import dev.ternion.server.Refusal;
import dev.ternion.server.Room;
import dev.ternion.server.StoredFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Models as folders of the workspace. */
final class StoredModels implements ModelCatalog {
    private static final Logger LOG = LoggerFactory.getLogger(StoredModels.class);

    private final Workspace workspace;
    private final DurableCopies copies;
    private final ResourceFolders folders;
    private final NewFolders imports;

    StoredModels(Workspace workspace, DurableCopies copies, ResourceFolders folders) throws IOException {
        this.workspace = workspace;
        this.copies = copies;
        this.folders = folders;
        this.imports = new NewFolders(workspace.models(), copies);
    }

    @Override
    public Model importModel(String id, String displayName, Path source, Room room) throws IOException {
        if (Files.exists(workspace.model(id))) {
            throw Refusal.exists(ResourceNames.MODEL, id);
        }
        imports.add(id, room, () -> Refusal.exists(ResourceNames.MODEL, id), folder -> build(id, source, folder));
        return describe(id, workspace.model(id)).toBuilder()
                .setDisplayName(displayName)
                .build();
    }

    private void build(String id, Path source, Path folder) throws IOException {
        try {
            PretrainedImporter.importInto(source, folder);
        } catch (ArtifactException e) {
            LOG.info("model {} is refused", id, e);
            throw Refusal.invalid("MODEL_INVALID", "model", workspace.relative(e.getMessage(), source));
        }
    }

    @Override
    public Optional<Model> find(String id) {
        return folders.find(id, StoredModels::describe);
    }

    @Override
    public Listing<Model> list() throws IOException {
        return folders.list(StoredModels::describe);
    }

    @Override
    public long bytes(String owner) throws IOException {
        return Folders.size(workspace.models(), owner);
    }

    @Override
    public void delete(String id) throws IOException {
        copies.remove(id, () -> Folders.delete(workspace.model(id)));
    }

    @Override
    public List<StoredFile> files(String id) throws IOException {
        Path folder = workspace.model(id);
        List<StoredFile> files = new ArrayList<>();
        Manifest.read(folder)
                .files()
                .forEach((name, entry) -> files.add(new StoredFile(name, entry.size(), entry.sha256())));
        return files;
    }

    @Override
    public SeekableByteChannel open(String id, String path) throws IOException {
        return FileChannel.open(workspace.model(id).resolve(path), StandardOpenOption.READ);
    }

    private static Model describe(String id, Path folder) throws IOException {
        ModelCard card = ModelCard.read(folder);
        BertConfig config = ModelFolder.config(folder);
        Model.Builder model = Model.newBuilder()
                .setName(ResourceNames.MODEL.name(id))
                .setKind(Model.Kind.valueOf("KIND_" + card.kind().name()))
                .setLayers(config.layers())
                .setHidden(config.hidden())
                .setHeads(config.heads())
                .setPositions(config.positions())
                .setQuantized(card.quant() != null)
                .setSource(Manifest.read(folder).source())
                .setCreateTime(Timestamps.fromMillis(
                        Files.getLastModifiedTime(folder.resolve(Manifest.NAME)).toMillis()))
                .setSizeBytes(Folders.size(folder));
        if (card.task() != null) {
            model.setTaskKind(card.task().kind().name())
                    .addAllLabels(card.task().labels());
        }
        return model.build();
    }
}
