package dev.ternion.tensor;

import dev.ternion.backend.Block;

/**
 * The bits of a matrix of binary codes, as the product of bits reads them.
 *
 * @param bits U8, one bit per code: set where the code is 1
 * @param counts S32, ones of each row
 */
public record PackedBits(Block bits, Block counts) implements AutoCloseable {
    @Override
    public void close() {
        bits.close();
        counts.close();
    }
}
