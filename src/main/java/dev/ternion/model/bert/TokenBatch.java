package dev.ternion.model.bert;

import dev.ternion.backend.Block;
import dev.ternion.backend.DType;
import dev.ternion.backend.Device;
import dev.ternion.tensor.SequenceLayout;

/** A packed token batch on a device: S32 ids, types and positions of all rows, and where the sequences lie. */
public final class TokenBatch implements AutoCloseable {
    private final Device device;
    private final Block ids;
    private final Block types;
    private final Block positions;
    private final SequenceLayout layout;

    /**
     * @param ids vocabulary indices [T]
     * @param types token types [T]
     * @param positions positions [T]
     * @param starts first row of each sequence and, last, T
     * @param valid real tokens per sequence
     */
    public TokenBatch(
            Device device, BertConfig config, int[] ids, int[] types, int[] positions, int[] starts, int[] valid) {
        this.device = device;
        this.ids = upload(device, ids);
        this.types = upload(device, types);
        this.positions = upload(device, positions);
        this.layout = new SequenceLayout(device, starts, valid, config.heads(), config.headSize());
    }

    private static Block upload(Device device, int[] values) {
        Block block = device.allocate(DType.S32, values.length);
        device.writeInts(block, values);
        return block;
    }

    /** Takes over another batch of the same {@link SequenceLayout#sizes}. */
    public void refill(int[] newIds, int[] newTypes, int[] newPositions, int[] starts, int[] valid) {
        layout.refill(starts, valid);
        device.writeInts(ids, newIds);
        device.writeInts(types, newTypes);
        device.writeInts(positions, newPositions);
    }

    Block ids() {
        return ids;
    }

    Block types() {
        return types;
    }

    Block positions() {
        return positions;
    }

    /** Where the sequences lie. */
    public SequenceLayout layout() {
        return layout;
    }

    @Override
    public void close() {
        ids.close();
        types.close();
        positions.close();
        layout.close();
    }
}
