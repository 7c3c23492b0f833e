package dev.ternion.training;

import dev.ternion.backend.Device;
import dev.ternion.data.Batch;
import dev.ternion.model.bert.BertConfig;
import dev.ternion.model.bert.TokenBatch;

/** What a step reads of its batch, on the device. */
public final class StepInputs implements AutoCloseable {
    private final TokenBatch tokens;
    private final Labels labels;

    /** Holds the batch. */
    public StepInputs(Device device, BertConfig config, Batch batch) {
        tokens = Tokens.of(device, config, batch);
        labels = new Labels(device, batch.labels().length, config.outputs());
        labels.write(batch.labels());
    }

    void refill(Batch batch) {
        tokens.refill(batch.ids(), batch.typeIds(), batch.positions(), batch.starts(), batch.valid());
        labels.write(batch.labels());
    }

    /** Ids and where the sequences lie. */
    public TokenBatch tokens() {
        return tokens;
    }

    Labels labels() {
        return labels;
    }

    @Override
    public void close() {
        tokens.close();
        labels.close();
    }
}
