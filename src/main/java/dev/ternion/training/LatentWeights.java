package dev.ternion.training;

import dev.ternion.model.Parameters;
import dev.ternion.tensor.Parameter;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/** The weights of a model as part of a {@link TrainingState}. */
final class LatentWeights {
    private LatentWeights() {}

    static Map<String, TensorValues> of(Parameters parameters) {
        Map<String, TensorValues> weights = new HashMap<>();
        for (Parameter p : parameters.all()) {
            weights.put(p.name(), TensorValues.of(p.shape(), p.value()));
        }
        return weights;
    }

    /** Sets all parameters; their codes are renewed when they are next asked for. */
    static void restore(Parameters parameters, Map<String, TensorValues> weights) throws IOException {
        for (Parameter p : parameters.all()) {
            TensorValues values = weights.get(p.name());
            if (values == null) {
                throw new IOException("no values for " + p.name() + ": the state is that of another model");
            }
            values.writeTo(p.value());
            p.changed();
        }
    }
}
