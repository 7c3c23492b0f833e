package dev.ternion;

import dev.ternion.api.ResourceCatalog;
import dev.ternion.api.SpecReferences;
import dev.ternion.backend.BackendException;
import dev.ternion.backend.Backends;
import dev.ternion.data.DatasetManifest;
import dev.ternion.data.TaskInfo;
import dev.ternion.model.bert.BertConfig;
import dev.ternion.recipe.JobSpec;
import dev.ternion.recipe.LeastMemory;
import dev.ternion.recipe.ModelCard;
import dev.ternion.recipe.ModelFolder;
import dev.ternion.recipe.Workspace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;

/** Facts about stored models, data sets and this machine's devices, for the validation of job specs. */
final class StoredResources implements ResourceCatalog {
    private final Workspace workspace;
    private final DurableCopies models;
    private final DurableCopies datasets;
    private final Map<String, Optional<String>> deviceProblems = new ConcurrentHashMap<>();

    StoredResources(Workspace workspace, DurableCopies models, DurableCopies datasets) {
        this.workspace = workspace;
        this.models = models;
        this.datasets = datasets;
    }

    /** Opens a device once, to see whether it can be opened. */
    @Override
    public Optional<String> deviceProblem(String name) {
        return deviceProblems.computeIfAbsent(name, key -> {
            try {
                Backends.open(key, 1).close();
                return Optional.empty();
            } catch (BackendException e) {
                return Optional.of(e.getMessage());
            }
        });
    }

    @Override
    public OptionalLong deviceMemory(String name) {
        return HostMemory.of(name);
    }

    @Override
    public long leastMemory(JobSpec spec) {
        String model = SpecReferences.of(spec).models().iterator().next();
        try {
            return LeastMemory.bytes(
                    spec,
                    ModelFolder.config(workspace.model(model)),
                    StoredDatasets.facts(workspace, spec.data().dataset()).rows("train"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Optional<ModelFacts> findModel(String id) {
        Path folder = workspace.model(id);
        if (!models.has(id) || !Files.isDirectory(folder)) {
            return Optional.empty();
        }
        try {
            ModelCard card = ModelCard.read(folder);
            BertConfig config = ModelFolder.config(folder);
            TaskInfo task = card.task();
            return Optional.of(new ModelFacts(
                    ModelKind.valueOf(card.kind().name()),
                    task == null ? null : TaskKind.valueOf(task.kind().name()),
                    task == null ? List.of() : task.labels(),
                    config.layers(),
                    config.hidden(),
                    config.feedForward(),
                    config.heads(),
                    config.positions(),
                    card.quant() != null));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Optional<DatasetFacts> findDataset(String id) {
        if (!datasets.has(id) || !Files.isDirectory(workspace.dataset(id))) {
            return Optional.empty();
        }
        DatasetManifest facts = StoredDatasets.facts(workspace, id);
        return Optional.of(new DatasetFacts(
                TaskKind.valueOf(facts.task().kind().name()),
                facts.task().labels(),
                facts.rows("train"),
                facts.rows("eval")));
    }
}
