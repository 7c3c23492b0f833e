package dev.ternion.training;

import dev.ternion.backend.Device;
import dev.ternion.data.Batch;
import dev.ternion.model.bert.BertConfig;
import dev.ternion.tensor.SequenceLayout;
import java.util.LinkedHashMap;
import java.util.Map;

/** Batches on a device. A batch of known sizes takes the memory of an earlier one, where recorded steps look for it. */
public final class BatchBuffers implements AutoCloseable {
    /** Sizes that are kept; those that were not used for longest make room. */
    private static final int KEPT = 4;

    private final Device device;
    private final BertConfig config;
    private final Map<SequenceLayout.Sizes, StepInputs> kept = new LinkedHashMap<>(16, 0.75f, true);

    public BatchBuffers(Device device, BertConfig config) {
        this.device = device;
        this.config = config;
    }

    /** The batch, on the device until the next call. Steps with the same inputs object have operations of the same sizes. */
    public StepInputs load(Batch batch) {
        SequenceLayout.Sizes sizes = SequenceLayout.Sizes.of(batch.starts(), batch.valid());
        StepInputs inputs = kept.get(sizes);
        if (inputs != null) {
            inputs.refill(batch);
            return inputs;
        }
        if (kept.size() == KEPT) {
            var eldest = kept.entrySet().iterator();
            eldest.next().getValue().close();
            eldest.remove();
        }
        inputs = new StepInputs(device, config, batch);
        kept.put(sizes, inputs);
        return inputs;
    }

    @Override
    public void close() {
        kept.values().forEach(StepInputs::close);
        kept.clear();
    }
}
