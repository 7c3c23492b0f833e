package dev.ternion;

import dev.ternion.api.ResourceCatalog;
import dev.ternion.api.ResourceNames;
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
import dev.ternion.server.Refusal;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;

/** Facts about stored models, data sets and this machine's devices, for the validation of job specs. */
final class StoredResources implements ResourceCatalog {
    private final ResourceFolders models;
    private final ResourceFolders datasets;
    private final Map<String, Optional<String>> deviceProblems = new ConcurrentHashMap<>();

    StoredResources(ResourceFolders models, ResourceFolders datasets) {
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
        String dataset = spec.data().dataset();
        BertConfig config = models.find(model, (id, folder) -> ModelFolder.config(folder))
                .orElseThrow(() -> Refusal.notFound(ResourceNames.MODEL, model));
        DatasetManifest facts = datasets.find(dataset, (id, folder) -> DatasetManifest.read(folder))
                .orElseThrow(() -> Refusal.notFound(ResourceNames.DATASET, dataset));
        return LeastMemory.bytes(spec, config, facts.rows("train"));
    }

    @Override
    public Optional<ModelFacts> findModel(String id) {
        return models.find(id, StoredResources::model);
    }

    private static ModelFacts model(String id, Path folder) throws IOException {
        ModelCard card = ModelCard.read(folder);
        BertConfig config = ModelFolder.config(folder);
        TaskInfo task = card.task();
        return new ModelFacts(
                ModelKind.valueOf(card.kind().name()),
                task == null ? null : TaskKind.valueOf(task.kind().name()),
                task == null ? List.of() : task.labels(),
                config.layers(),
                config.hidden(),
                config.feedForward(),
                config.heads(),
                config.positions(),
                card.quant() != null);
    }

    @Override
    public Optional<DatasetFacts> findDataset(String id) {
        return datasets.find(id, StoredResources::dataset);
    }

    private static DatasetFacts dataset(String id, Path folder) throws IOException {
        DatasetManifest facts = DatasetManifest.read(folder);
        return new DatasetFacts(
                TaskKind.valueOf(facts.task().kind().name()),
                facts.task().labels(),
                facts.rows("train"),
                facts.rows("eval"));
    }
}
