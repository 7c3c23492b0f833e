package dev.ternion.conformance;

import dev.ternion.backend.Block;
import dev.ternion.backend.DType;
import dev.ternion.backend.Device;
import dev.ternion.tensor.Parameter;
import dev.ternion.tensor.SequenceLayout;
import dev.ternion.tensor.Shape;
import dev.ternion.tensor.Tensor;
import dev.ternion.tensor.ops.Dropout;
import dev.ternion.tensor.ops.LossSlot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Inputs of one operation on one device: the same for every device, since they come from the seed alone. */
final class Fixture implements AutoCloseable {
    static final double LOSS_WEIGHT = 0.75;

    final Device device;
    final Size size;
    final Draws draws;
    final Map<String, Parameter> leaves = new LinkedHashMap<>();
    private final Map<String, double[]> values = new LinkedHashMap<>();
    private final List<Runnable> closing = new ArrayList<>();
    private LossSlot slot;

    Fixture(Device device, Size size, long seed) {
        this.device = device;
        this.size = size;
        this.draws = new Draws(seed, size.cols());
    }

    /** A value that wants a gradient. */
    Parameter leaf(String name, Shape shape, double[] contents) {
        Parameter leaf = new Parameter(name, shape, block(contents));
        closing.add(leaf::close);
        leaves.put(name, leaf);
        values.put(name, contents);
        return leaf;
    }

    /** A matrix [rows, cols] of normal numbers that wants a gradient. */
    Parameter leaf(String name, long rows, long cols) {
        return leaf(name, Shape.of(rows, cols), draws.normals(rows * cols, 1));
    }

    /** Keeps what a constant holds, for {@link #values}. */
    void note(String name, double[] contents) {
        values.put(name, contents);
    }

    /** What a leaf or noted constant holds. */
    double[] values(String name) {
        return values.get(name);
    }

    /** A value without gradient. */
    Tensor constant(Shape shape, double[] contents) {
        return new Tensor(shape, own(block(contents)), false);
    }

    Block ints(int... contents) {
        Block block = own(device.allocate(DType.S32, contents.length));
        device.writeInts(block, contents);
        return block;
    }

    Dropout.Mask mask(double probability) {
        return new Dropout.Mask(probability, 77, 5, ints(123));
    }

    SequenceLayout layout() {
        SequenceLayout layout = new SequenceLayout(device, size.starts(), size.valid(), size.heads(), size.headDim());
        closing.add(layout::close);
        return layout;
    }

    /** The place of a loss; element 1 of 3. */
    LossSlot slot() {
        Block block = own(device.allocate(DType.F64, 3));
        device.writeDoubles(block, Double.NaN, Double.NaN, Double.NaN);
        slot = new LossSlot(block, 1, LOSS_WEIGHT);
        return slot;
    }

    double loss() {
        return device.readDoubles(slot.values())[slot.index()];
    }

    <A extends AutoCloseable> A own(A resource) {
        closing.add(() -> {
            try {
                resource.close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        return resource;
    }

    private Block block(double[] contents) {
        Block block = device.allocate(DType.REAL, contents.length);
        device.writeDoubles(block, contents);
        return block;
    }

    @Override
    public void close() {
        closing.forEach(Runnable::run);
    }
}
