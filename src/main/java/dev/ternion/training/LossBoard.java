package dev.ternion.training;

import dev.ternion.backend.Block;
import dev.ternion.backend.DType;
import dev.ternion.backend.Device;
import dev.ternion.backend.PendingRead;
import dev.ternion.tensor.ops.LossSlot;
import dev.ternion.tensor.ops.Updates;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Named parts of a step's loss, on the device, and the guard of its update: set by the first loss that is not finite, for
 * good. One for a training; {@link #begin} makes it ready for the next step.
 */
public final class LossBoard implements AutoCloseable {
    private static final int CAPACITY = 512;

    private final Device device;
    private final Block values;
    private final Block guard;
    private final List<String> names = new ArrayList<>();
    private final List<Double> weights = new ArrayList<>();

    public LossBoard(Device device) {
        this.device = device;
        values = device.allocate(DType.F64, CAPACITY);
        guard = Updates.openGuard(device);
    }

    /** No terms yet. */
    public void begin() {
        names.clear();
        weights.clear();
    }

    /** A slot for a term of {@code part}; terms of one part are summed. */
    public LossSlot slot(String part, double weight) {
        if (names.size() == CAPACITY) {
            throw new IllegalStateException("more than " + CAPACITY + " loss terms in one step");
        }
        names.add(part);
        weights.add(weight);
        return new LossSlot(values, names.size() - 1, weight);
    }

    /** Sets the guard when a term is not finite; to be called after the last one. */
    public Terms check() {
        Updates.guardFinite(device, guard, values, names.size());
        return new Terms(List.copyOf(names), List.copyOf(weights));
    }

    /** S32: when it is not 0, no update changes anything. */
    public Block guard() {
        return guard;
    }

    /** Starts to read the terms of the step that has been started last. */
    PendingRead startRead(Terms terms) {
        return device.startRead(values, terms.names().size());
    }

    /** What the slots hold. */
    public record Terms(List<String> names, List<Double> weights) {
        /** Unweighted sums by part, and the weighted sum as "total". */
        public Map<String, Double> sums(double[] values) {
            Map<String, Double> sums = new LinkedHashMap<>();
            double total = 0;
            for (int i = 0; i < names.size(); i++) {
                sums.merge(names.get(i), values[i], Double::sum);
                total += weights.get(i) * values[i];
            }
            sums.put("total", total);
            return sums;
        }
    }

    @Override
    public void close() {
        values.close();
        guard.close();
    }
}
