package dev.ternion.tensor;

import dev.ternion.backend.Block;
import dev.ternion.backend.DType;
import dev.ternion.backend.Device;
import dev.ternion.backend.jni.NativeBackend;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * Owns the values made while it is open and, when recording, the operations that made them. {@link #backward} runs them in
 * reverse and frees each value as soon as nothing needs it; {@link #close} frees the rest. One thread.
 */
public final class Tape implements AutoCloseable {
    private final Device device;
    private final boolean recording;
    private final boolean bf16;
    private final Tape outer;
    private final Tops tops;
    private final List<Op> ops = new ArrayList<>();
    private final Set<Variable> owned = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Set<Block> blocks = Collections.newSetFromMap(new IdentityHashMap<>());

    private Tape(Device device, boolean recording, boolean bf16, Tape outer) {
        this.device = device;
        this.recording = recording;
        this.bf16 = bf16;
        this.outer = outer;
        tops = outer == null ? new Tops(device) : outer.tops;
    }

    /** A tape that records for {@link #backward}. */
    public static Tape on(Device device) {
        return on(device, false);
    }

    /** The same; {@code bf16} rounds what is multiplied with codes in the backward pass. */
    public static Tape on(Device device, boolean bf16) {
        return new Tape(device, true, bf16, null);
    }

    /** A tape that only owns values: teacher passes and evaluation. */
    public static Tape off(Device device) {
        return off(device, false);
    }

    /** The same; {@code bf16} rounds what dense layers multiply: for a teacher, never for a student. */
    public static Tape off(Device device, boolean bf16) {
        return new Tape(device, false, bf16, null);
    }

    /** A tape that does not record, for values that live shorter; dense layers compute as on this one. */
    public Tape inner() {
        return new Tape(device, false, roundsForward(), this);
    }

    /** Whether dense layers round what they multiply in the forward pass to bf16. */
    public boolean roundsForward() {
        return bf16 && !recording;
    }

    /** Whether quantized layers round what they multiply with codes in the backward pass to bf16. */
    public boolean roundsBackward() {
        return bf16 && recording;
    }

    /** Whether operations are recorded for a backward pass. */
    public boolean recording() {
        return recording;
    }

    /** The device all values live on. */
    public Device device() {
        return device;
    }

    /** The operations of the contract. */
    public NativeBackend ops() {
        return device.ops();
    }

    /** Whether a value made from these inputs needs a gradient. */
    public boolean reaches(Variable... inputs) {
        if (recording) {
            for (Variable input : inputs) {
                if (input != null && input.needsGrad()) {
                    return true;
                }
            }
        }
        return false;
    }

    /** A new value owned by this tape, contents undefined. */
    public Tensor tensor(Shape shape, boolean needsGrad) {
        return own(new Tensor(shape, device.allocate(DType.REAL, shape.elements()), needsGrad));
    }

    /** The same, of an operation that keeps the result's largest magnitude in {@code top}, which may be null. */
    public Tensor tensor(Shape shape, boolean needsGrad, Top top) {
        return own(new Tensor(shape, device.allocate(DType.REAL, shape.elements()), needsGrad, top));
    }

    /**
     * New codes owned by this tape, contents undefined.
     *
     * @param group consecutive elements that share a step
     * @param packed whether the rows' bits are kept beside them
     */
    public Codes codes(Shape shape, long group, boolean packed, boolean needsGrad) {
        long n = shape.elements();
        Block codes = memory(DType.S8, n);
        Block step = memory(DType.REAL, n / group);
        Block mask = memory(DType.U8, (n + 7) / 8);
        PackedBits bits = packed ? bits(shape) : null;
        Codes made = own(new Codes(shape, codes, step, mask, bits, group, needsGrad));
        List.of(codes, step, mask).forEach(blocks::remove);
        return made;
    }

    private PackedBits bits(Shape shape) {
        Block bits = memory(DType.U8, ops().bits_bytes(shape.rows(), shape.cols()));
        Block counts = memory(DType.S32, shape.rows());
        List.of(bits, counts).forEach(blocks::remove);
        return new PackedBits(bits, counts);
    }

    /** A cleared place for the largest magnitude of a value; lives as long as the outermost tape. */
    public Top top() {
        return tops.next();
    }

    /** Takes ownership. */
    public <V extends Variable> V own(V value) {
        owned.add(value);
        return value;
    }

    /** Memory that lives until the tape closes, or until it is closed or handed to {@link #pass}. */
    public Block memory(DType dtype, long count) {
        Block block = device.allocate(dtype, count);
        blocks.add(block);
        return block;
    }

    /** Records an operation when its output, or for a loss its inputs, need a gradient. */
    public void record(Op op, boolean needed) {
        if (recording && needed) {
            ops.add(op);
        }
    }

    /** Frees a value that no later operation and no backward pass reads; its gradient can still flow. */
    public void drop(Variable value) {
        if (owned.contains(value)) {
            value.closeValue();
        }
    }

    /** Hands a value over to another tape. */
    public void moveTo(Tape other, Variable value) {
        if (owned.remove(value)) {
            other.owned.add(value);
        }
    }

    /**
     * Lets an operation write or add the gradient of {@code target}: the second argument of {@code body} says whether to
     * add. Does nothing when the target needs no gradient.
     */
    public void accumulate(Variable target, BiConsumer<Block, Boolean> body) {
        if (target.needsGrad()) {
            Target to = target(target);
            body.accept(to.grad(), to.add());
        }
    }

    /**
     * Where an operation puts the gradient of an input.
     *
     * @param grad memory of the gradient; null when none is wanted
     * @param add whether to add to it rather than write it
     */
    public record Target(Block grad, boolean add) {}

    /** The place of a gradient that the caller now writes or adds, for an operation with several inputs. */
    public Target target(Variable input) {
        if (!input.needsGrad()) {
            return new Target(null, false);
        }
        boolean add = input.grad() != null;
        if (!add) {
            input.setGrad(device.allocate(DType.REAL, input.shape().elements()));
        }
        return new Target(input.grad(), add);
    }

    /** Gives a finished gradient to {@code target}, which takes it over or adds it. */
    public void pass(Variable target, Block gradient) {
        blocks.remove(gradient);
        if (!target.needsGrad()) {
            gradient.close();
        } else if (target.grad() == null) {
            target.setGrad(gradient);
        } else {
            long n = target.shape().elements();
            ops().add(target.grad().raw(), target.grad().raw(), gradient.raw(), n);
            gradient.close();
        }
    }

    /** REAL memory for the length of an operation; the caller closes it, at the latest the tape does. */
    public Block scratch(long elements) {
        return memory(DType.REAL, elements);
    }

    /** Runs the recorded operations in reverse. Values whose users are all done are freed on the way. */
    public void backward() {
        for (int i = ops.size() - 1; i >= 0; i--) {
            Op op = ops.get(i);
            Variable output = op.output();
            if (output == null || output.grad() != null) {
                op.backward(this);
            }
            if (output != null) {
                output.clearGrad();
                if (owned.remove(output)) {
                    output.closeValue();
                }
            }
        }
        ops.clear();
    }

    @Override
    public void close() {
        for (Variable value : owned) {
            value.clearGrad();
            value.closeValue();
        }
        blocks.forEach(Block::close);
        blocks.clear();
        if (outer == null) {
            tops.close();
        }
        owned.clear();
        ops.clear();
    }
}
