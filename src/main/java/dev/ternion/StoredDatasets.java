package dev.ternion;

import com.google.protobuf.util.Timestamps;
import dev.ternion.api.ResourceNames;
import dev.ternion.api.Violation;
import dev.ternion.api.v1.DatasetFormat;
import dev.ternion.data.Dataset;
import dev.ternion.data.DatasetException;
import dev.ternion.data.DatasetFolder;
import dev.ternion.recipe.Workspace;
import dev.ternion.server.DatasetCatalog;
import dev.ternion.server.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Data sets as folders of the workspace. */
final class StoredDatasets implements DatasetCatalog {
    private final Workspace workspace;

    StoredDatasets(Workspace workspace) {
        this.workspace = workspace;
    }

    @Override
    public dev.ternion.api.v1.Dataset importDataset(String id, String displayName, DatasetFormat format, Path folder)
            throws IOException {
        if (Files.exists(workspace.dataset(id))) {
            throw Refusal.exists(ResourceNames.DATASET, id);
        }
        try {
            Dataset dataset = DatasetFormats.read(format, folder);
            Files.createDirectories(workspace.datasets());
            DatasetFolder.write(dataset, workspace.dataset(id));
        } catch (DatasetException e) {
            throw refusal(e);
        }
        return describe(id).toBuilder().setDisplayName(displayName).build();
    }

    private static Refusal refusal(DatasetException e) {
        List<Violation> violations = e.problems().stream()
                .map(p -> new Violation(p.row() > 0 ? "rows[" + p.row() + "]." + p.column() : "file", p.message()))
                .toList();
        return Refusal.invalid(
                "DATASET_INVALID",
                e.total() + " problems in the data; nothing was stored. First: "
                        + e.problems().get(0),
                violations,
                Map.of("bad_rows", String.valueOf(e.total())));
    }

    @Override
    public Optional<dev.ternion.api.v1.Dataset> find(String id) throws IOException {
        return Files.isDirectory(workspace.dataset(id)) ? Optional.of(describe(id)) : Optional.empty();
    }

    @Override
    public List<dev.ternion.api.v1.Dataset> list() throws IOException {
        List<dev.ternion.api.v1.Dataset> all = new ArrayList<>();
        for (String id : Folders.ids(workspace.datasets())) {
            all.add(describe(id));
        }
        return all;
    }

    @Override
    public void delete(String id) throws IOException {
        Folders.delete(workspace.dataset(id));
    }

    private dev.ternion.api.v1.Dataset describe(String id) throws IOException {
        Path folder = workspace.dataset(id);
        Dataset dataset = DatasetFolder.read(folder);
        return dev.ternion.api.v1.Dataset.newBuilder()
                .setName(ResourceNames.DATASET.name(id))
                .setTaskKind(dataset.task().kind().name())
                .addAllLabels(dataset.task().labels())
                .addAllMetrics(dataset.task().metrics())
                .setPrimaryMetric(dataset.task().primaryMetric())
                .setTrainRows(dataset.train().size())
                .setEvalRows(dataset.eval().size())
                .setTestRows(dataset.test().size())
                .setDigest(dataset.digest())
                .addAllNotes(dataset.notes())
                .setCreateTime(
                        Timestamps.fromMillis(Files.getLastModifiedTime(folder).toMillis()))
                .build();
    }
}
