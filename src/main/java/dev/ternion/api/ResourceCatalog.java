package dev.ternion.api;

import dev.ternion.recipe.JobSpec;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** What validation asks about models, data sets and devices. Port; implemented where the stores are known. */
public interface ResourceCatalog {
    /** The model with this id. */
    Optional<ModelFacts> findModel(String id);

    /** The data set with this id. */
    Optional<DatasetFacts> findDataset(String id);

    /** Why a device cannot be opened on this machine; empty when it can. */
    Optional<String> deviceProblem(String name);

    /** Bytes of memory that a device has; empty if that is not known. */
    OptionalLong deviceMemory(String name);

    /** Bytes that a job certainly has on its device at one time. What the spec names is there. */
    long leastMemory(JobSpec spec);

    /** What a model can be used for. */
    enum ModelKind {
        /** No task head. */
        ENCODER,
        /** Full precision, with a task head. */
        FINE_TUNED,
        /** Quantized. */
        STUDENT
    }

    /** What a label is. */
    enum TaskKind {
        CLASSIFICATION,
        REGRESSION
    }

    /**
     * A model.
     *
     * @param kind what it can be used for
     * @param taskKind what its head predicts; null for an encoder
     * @param labels class names in order; empty for regression and encoders
     * @param layers encoder layers
     * @param hidden hidden size
     * @param intermediate inner size of the feed-forward block
     * @param heads attention heads
     * @param positions longest sequence, tokens
     * @param quantized whether its linear weights are codes and scales
     */
    record ModelFacts(
            ModelKind kind,
            TaskKind taskKind,
            List<String> labels,
            int layers,
            int hidden,
            int intermediate,
            int heads,
            int positions,
            boolean quantized) {
        public ModelFacts {
            labels = List.copyOf(labels);
        }
    }

    /**
     * A data set.
     *
     * @param labels class names in order; empty for regression
     * @param trainRows rows to train on
     * @param evalRows rows to evaluate on
     */
    record DatasetFacts(TaskKind taskKind, List<String> labels, long trainRows, long evalRows) {
        public DatasetFacts {
            labels = List.copyOf(labels);
        }
    }
}
