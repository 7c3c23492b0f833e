package dev.ternion.tensor;

import dev.ternion.backend.Block;
import dev.ternion.backend.DType;
import dev.ternion.backend.Device;
import java.util.ArrayList;
import java.util.List;

/** The largest magnitudes of one pass: hands out cleared places, {@link #EACH} for one clearing launch. */
final class Tops implements AutoCloseable {
    static final int EACH = 256;

    private final Device device;
    private final List<Block> blocks = new ArrayList<>();
    private long used;

    Tops(Device device) {
        this.device = device;
    }

    /** A place that holds 0. */
    Top next() {
        if (used == (long) blocks.size() * EACH) {
            Block block = device.allocate(DType.S32, EACH);
            blocks.add(block);
            device.ops().set_all(block.raw(), 0);
        }
        return new Top(blocks.get(blocks.size() - 1), used++ % EACH);
    }

    @Override
    public void close() {
        blocks.forEach(Block::close);
        blocks.clear();
        used = 0;
    }
}
