package dev.ternion.training;

import dev.ternion.backend.Block;
import dev.ternion.backend.DType;
import dev.ternion.backend.Device;
import dev.ternion.model.Parameters;
import dev.ternion.tensor.Parameter;
import dev.ternion.tensor.ops.QuantizedWeight;
import dev.ternion.tensor.ops.UpdateBatch;
import dev.ternion.tensor.ops.Updates;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * BertAdam or AdamW over a model's parameters. A parameter without a gradient is left alone: no decay, no moments, and
 * under BertAdam its own step counter does not advance. Ref: [TI] 2.3, 4.3, [ADAMW]
 */
public final class Optimizer implements AutoCloseable {
    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.999;
    private static final double BERT_EPS = 1e-6;
    private static final double ADAMW_EPS = 1e-8;

    private final OptimizerSpec spec;
    private final int totalSteps;
    private final Device device;
    private final List<Slot> slots = new ArrayList<>();
    private final Map<String, Slot> byName = new HashMap<>();
    private final Block norms;
    private final Block rates;
    private final Block counts;
    private final UpdateBatch batch;
    private int step;

    private static final class Slot {
        final Parameter parameter;
        final double decay;
        final double rateFactor;
        final QuantizedWeight codes;
        Block m;
        Block v;
        int count;

        Slot(Parameter parameter, double decay, double rateFactor, QuantizedWeight codes) {
            this.parameter = parameter;
            this.decay = decay;
            this.rateFactor = rateFactor;
            this.codes = codes;
        }
    }

    /**
     * Fresh moments and counters.
     *
     * @param totalSteps steps over which the rate warms up and decays
     */
    public Optimizer(Parameters parameters, OptimizerSpec spec, int totalSteps) {
        this.spec = spec;
        this.totalSteps = totalSteps;
        this.device = parameters.device();
        for (Parameter p : parameters.all()) {
            boolean head = p.name().startsWith("pooler.") || p.name().startsWith("classifier.");
            boolean plain = p.name().endsWith(".bias") || p.name().contains("LayerNorm");
            Slot slot = new Slot(
                    p, plain ? 0 : spec.weightDecay(), head ? spec.headMultiplier() : 1, parameters.quantized(p));
            slots.add(slot);
            byName.put(p.name(), slot);
        }
        norms = device.allocate(DType.F64, slots.size() + 1);
        rates = device.allocate(DType.REAL, slots.size());
        counts = device.allocate(DType.S32, slots.size());
        batch = new UpdateBatch(device);
    }

    /**
     * Applies the gradients and drops them. Can be recorded.
     *
     * @param guard S32 block; when its element is not 0, values and moments stay as they are
     */
    public void step(Block guard, RecordedSteps.HostWork host) {
        int[] reached = reached();
        host.run(() -> advance(reached));
        apply(reached, guard);
    }

    /** The parameters that have a gradient now, by their place in the model. */
    int[] reached() {
        return IntStream.range(0, slots.size())
                .filter(i -> slots.get(i).parameter.grad() != null)
                .toArray();
    }

    /** The part of a step that the host does: counters, moments of new parameters, rates and counts written to the device. */
    void advance(int[] reached) {
        float[] rate = new float[slots.size()];
        int[] count = new int[slots.size()];
        for (int i : reached) {
            Slot slot = slots.get(i);
            allocateMoments(slot);
            rate[i] = (float) (currentRate(slot) * slot.rateFactor);
            slot.count++;
            count[i] = slot.count;
        }
        device.writeFloats(rates, rate);
        device.writeInts(counts, count);
        step++;
    }

    /**
     * The part of a step that the device does, without any transfer: norms and updates of parameters that {@link #advance} has
     * prepared. Drops their gradients.
     */
    void apply(int[] reached, Block guard) {
        batch.clear();
        for (int i : reached) {
            Slot slot = slots.get(i);
            batch.add(slot.parameter, slot.m, slot.v, i, slot.decay, slot.codes);
        }
        Updates.clear(device, norms);
        batch.squaredNorms(norms);
        if (spec.kind() == OptimizerSpec.Kind.BERT_ADAM) {
            batch.bertAdam(norms, rates, new UpdateBatch.Adam(BETA1, BETA2, BERT_EPS, spec.maxGradNorm()), guard);
        } else {
            int all = slots.size();
            Updates.sum(device, norms, all, norms, all);
            var adam = new UpdateBatch.Adam(BETA1, BETA2, ADAMW_EPS, spec.maxGradNorm());
            batch.adamW(norms, all, rates, counts, adam, guard);
        }
        for (int i : reached) {
            slots.get(i).parameter.clearGrad();
        }
    }

    /** BertAdam schedules each tensor by its own counter, AdamW all by the number of steps. */
    private double currentRate(Slot slot) {
        int done = spec.kind() == OptimizerSpec.Kind.BERT_ADAM ? slot.count : step;
        return spec.learningRate() * LrSchedule.multiplier((double) done / totalSteps, spec.warmup());
    }

    /** Rate of the last step for a tensor that has been updated in every step, before any head factor. */
    public double lastLearningRate() {
        return spec.learningRate() * LrSchedule.multiplier((double) (step - 1) / totalSteps, spec.warmup());
    }

    /** Moments and counters. */
    public OptimizerState state() {
        Map<String, Integer> updates = new HashMap<>();
        Map<String, TensorValues> moments = new HashMap<>();
        for (Slot slot : slots) {
            if (slot.m != null) {
                String name = slot.parameter.name();
                updates.put(name, slot.count);
                moments.put(OptimizerState.first(name), TensorValues.of(slot.parameter.shape(), slot.m));
                moments.put(OptimizerState.second(name), TensorValues.of(slot.parameter.shape(), slot.v));
            }
        }
        return new OptimizerState(step, updates, moments);
    }

    /** Takes over moments and counters of an optimizer with the same parameters. */
    public void restore(OptimizerState state) throws IOException {
        step = state.step();
        for (Slot slot : slots) {
            String name = slot.parameter.name();
            if (state.updates().containsKey(name)) {
                allocateMoments(slot);
                state.moments().get(OptimizerState.first(name)).writeTo(slot.m);
                state.moments().get(OptimizerState.second(name)).writeTo(slot.v);
                slot.count = state.updates().get(name);
            }
        }
    }

    private void allocateMoments(Slot slot) {
        if (slot.m == null) {
            slot.m = Updates.zerosLike(device, slot.parameter);
            slot.v = Updates.zerosLike(device, slot.parameter);
        }
    }

    /** Updates that a parameter has seen. */
    public int updates(String parameter) {
        return byName.get(parameter).count;
    }

    @Override
    public void close() {
        for (Slot slot : slots) {
            if (slot.m != null) {
                slot.m.close();
                slot.v.close();
            }
        }
        norms.close();
        rates.close();
        counts.close();
        batch.close();
    }
}
