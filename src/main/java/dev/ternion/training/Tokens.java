package dev.ternion.training;

import dev.ternion.backend.Device;
import dev.ternion.data.Batch;
import dev.ternion.model.bert.BertConfig;
import dev.ternion.model.bert.TokenBatch;

/** Brings a batch of a data set onto a device. */
public final class Tokens {
    private Tokens() {}

    /** The token part of the batch; the caller closes it. */
    public static TokenBatch of(Device device, BertConfig config, Batch batch) {
        return new TokenBatch(
                device, config, batch.ids(), batch.typeIds(), batch.positions(), batch.starts(), batch.valid());
    }
}
