package dev.ternion.api;

import dev.ternion.api.ResourceCatalog.DatasetFacts;
import dev.ternion.api.ResourceCatalog.ModelFacts;
import dev.ternion.api.ResourceCatalog.ModelKind;
import dev.ternion.api.ResourceCatalog.TaskKind;
import dev.ternion.api.v1.DataSpec;
import dev.ternion.api.v1.EvaluateSpec;
import dev.ternion.api.v1.FineTuneSpec;
import dev.ternion.api.v1.JobSpec;
import dev.ternion.api.v1.QatSpec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** Specs that say as little as they may, and a catalog that knows what they name. */
public final class SpecFixtures {
    private SpecFixtures() {}

    /** Fine-tunes {@code mini-encoder} on {@code spam}. */
    public static JobSpec fineTune() {
        return JobSpec.newBuilder()
                .setFineTune(FineTuneSpec.newBuilder().setModel("mini-encoder").setData(data()))
                .build();
    }

    /** Trains students of {@code mini-teacher} on {@code spam}. */
    public static JobSpec qat() {
        return JobSpec.newBuilder()
                .setQat(QatSpec.newBuilder().setTeacher("mini-teacher").setData(data()))
                .build();
    }

    /** Evaluates {@code mini-teacher} on {@code spam}. */
    public static JobSpec evaluate() {
        return JobSpec.newBuilder()
                .setEvaluate(EvaluateSpec.newBuilder().setModel("mini-teacher").setData(data()))
                .build();
    }

    /** The data set {@code spam}. */
    public static DataSpec data() {
        return DataSpec.newBuilder().setDataset("spam").build();
    }

    /** A catalog with an encoder, a teacher, a student, and three data sets. */
    public static Catalog catalog() {
        Catalog catalog = new Catalog();
        List<String> labels = List.of("ham", "spam");
        catalog.models.put(
                "mini-encoder", new ModelFacts(ModelKind.ENCODER, null, List.of(), 6, 384, 1536, 12, 512, false));
        catalog.models.put(
                "mini-teacher",
                new ModelFacts(ModelKind.FINE_TUNED, TaskKind.CLASSIFICATION, labels, 6, 384, 1536, 12, 512, false));
        catalog.models.put(
                "mini-student",
                new ModelFacts(ModelKind.STUDENT, TaskKind.CLASSIFICATION, labels, 6, 384, 1536, 12, 512, true));
        catalog.datasets.put("spam", new DatasetFacts(TaskKind.CLASSIFICATION, labels, 3200, 800));
        catalog.datasets.put("news", new DatasetFacts(TaskKind.CLASSIFICATION, List.of("a", "b", "c"), 3200, 800));
        catalog.datasets.put("stsb", new DatasetFacts(TaskKind.REGRESSION, List.of(), 0, 0));
        return catalog;
    }

    /** A catalog in memory. */
    public static final class Catalog implements ResourceCatalog {
        /** Models by id. */
        public final Map<String, ModelFacts> models = new HashMap<>();

        /** Data sets by id. */
        public final Map<String, DatasetFacts> datasets = new HashMap<>();

        @Override
        public Optional<ModelFacts> findModel(String id) {
            return Optional.ofNullable(models.get(id));
        }

        @Override
        public Optional<DatasetFacts> findDataset(String id) {
            return Optional.ofNullable(datasets.get(id));
        }

        /** Devices that can be opened. */
        public Set<String> devices = Set.of("cpu");

        /** Of every device; 0 for not known. */
        public long deviceMemory;

        /** Of every job. */
        public long leastMemory;

        @Override
        public OptionalLong deviceMemory(String name) {
            return deviceMemory == 0 ? OptionalLong.empty() : OptionalLong.of(deviceMemory);
        }

        @Override
        public long leastMemory(dev.ternion.recipe.JobSpec spec) {
            return leastMemory;
        }

        @Override
        public Optional<String> deviceProblem(String name) {
            return devices.contains(name)
                    ? Optional.empty()
                    : Optional.of("device \"" + name + "\": unknown; use \"cpu\"");
        }
    }
}
