package dev.ternion;

import com.google.protobuf.util.Timestamps;
import dev.ternion.api.ResourceNames;
import dev.ternion.api.Violation;
import dev.ternion.api.v1.DatasetFormat;
import dev.ternion.data.Dataset;
import dev.ternion.data.DatasetException;
import dev.ternion.data.DatasetFolder;
import dev.ternion.data.DatasetManifest;
import dev.ternion.recipe.Workspace;
import dev.ternion.server.DatasetCatalog;
import dev.ternion.server.Listing;
import dev.ternion.server.Refusal;
import dev.ternion.server.Room;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Data sets as folders of the workspace. */
final class StoredDatasets implements DatasetCatalog {
    private static final Logger LOG = LoggerFactory.getLogger(StoredDatasets.class);

    private final Workspace workspace;
    private final DurableCopies copies;
    private final ResourceFolders folders;
    private final NewFolders imports;

    StoredDatasets(Workspace workspace, DurableCopies copies, ResourceFolders folders) throws IOException {
        this.workspace = workspace;
        this.copies = copies;
        this.folders = folders;
        this.imports = new NewFolders(workspace.datasets(), copies);
    }

    @Override
    public dev.ternion.api.v1.Dataset importDataset(
            String id, String displayName, DatasetFormat format, Path folder, Room room) throws IOException {
        if (Files.exists(workspace.dataset(id))) {
            throw Refusal.exists(ResourceNames.DATASET, id);
        }
        imports.add(
                id, room, () -> Refusal.exists(ResourceNames.DATASET, id), built -> build(id, format, folder, built));
        return describe(id, workspace.dataset(id)).toBuilder()
                .setDisplayName(displayName)
                .build();
    }

    private void build(String id, DatasetFormat format, Path folder, Path built) throws IOException {
        try {
            Dataset dataset = DatasetFormats.read(format, folder);
            DatasetFolder.write(dataset, built);
        } catch (DatasetException e) {
            LOG.info("data set {} from {} is refused: {} problems", id, folder, e.total());
            throw refusal(e, folder);
        }
    }

    private Refusal refusal(DatasetException e, Path folder) {
        List<Violation> violations = e.problems().stream()
                .map(p -> new Violation(
                        p.row() > 0 ? "rows[" + p.row() + "]." + p.column() : "file",
                        workspace.relative(p.message(), folder)))
                .toList();
        return Refusal.invalid(
                "DATASET_INVALID",
                e.total() + " problems in the data; nothing was stored. First: "
                        + workspace.relative(e.problems().get(0).toString(), folder),
                violations,
                Map.of("bad_rows", String.valueOf(e.total())));
    }

    @Override
    public Optional<dev.ternion.api.v1.Dataset> find(String id) {
        return folders.find(id, StoredDatasets::describe);
    }

    @Override
    public Listing<dev.ternion.api.v1.Dataset> list() throws IOException {
        return folders.list(StoredDatasets::describe);
    }

    @Override
    public long bytes(String owner) throws IOException {
        return Folders.size(workspace.datasets(), owner);
    }

    @Override
    public void delete(String id) throws IOException {
        copies.remove(id, () -> Folders.delete(workspace.dataset(id)));
    }

    /** What its manifest says; the rows are not read. */
    private static dev.ternion.api.v1.Dataset describe(String id, Path folder) throws IOException {
        DatasetManifest facts = DatasetManifest.read(folder);
        FileTime created = Files.getLastModifiedTime(folder);
        return dev.ternion.api.v1.Dataset.newBuilder()
                .setName(ResourceNames.DATASET.name(id))
                .setTaskKind(facts.task().kind().name())
                .addAllLabels(facts.task().labels())
                .addAllMetrics(facts.task().metrics())
                .setPrimaryMetric(facts.task().primaryMetric())
                .setTrainRows(facts.rows("train"))
                .setEvalRows(facts.rows("eval"))
                .setTestRows(facts.rows("test"))
                .setDigest(facts.digest())
                .addAllNotes(facts.notes())
                .setCreateTime(Timestamps.fromMillis(created.toMillis()))
                .build();
    }
}
