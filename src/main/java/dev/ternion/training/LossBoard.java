package dev.ternion.training;

import dev.ternion.backend.Block;
import dev.ternion.backend.DType;
import dev.ternion.backend.Device;
import dev.ternion.tensor.ops.LossSlot;
import dev.ternion.tensor.ops.Updates;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Named parts of a step's loss, on the device until {@link #read}. */
public final class LossBoard implements AutoCloseable {
    private static final int CAPACITY = 512;

    private final Device device;
    private final Block values;
    private final List<String> names = new ArrayList<>();
    private final List<Double> weights = new ArrayList<>();

    public LossBoard(Device device) {
        this.device = device;
        values = Updates.clear(device, device.allocate(DType.F64, CAPACITY));
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

    /** Unweighted sums by part, and the weighted sum as "total". Waits for the device. */
    public Map<String, Double> read() {
        double[] terms = device.readDoubles(values);
        Map<String, Double> sums = new LinkedHashMap<>();
        double total = 0;
        for (int i = 0; i < names.size(); i++) {
            sums.merge(names.get(i), terms[i], Double::sum);
            total += weights.get(i) * terms[i];
        }
        sums.put("total", total);
        return sums;
    }

    @Override
    public void close() {
        values.close();
    }
}
