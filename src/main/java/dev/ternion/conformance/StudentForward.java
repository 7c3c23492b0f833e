package dev.ternion.conformance;

import dev.ternion.backend.Block;
import dev.ternion.backend.DType;
import dev.ternion.backend.Device;
import dev.ternion.intervention.Site;
import dev.ternion.model.LayerTrace;
import dev.ternion.model.Trace;
import dev.ternion.quant.QuantSpec;
import dev.ternion.quant.QuantSpec.Granularity;
import dev.ternion.quant.QuantSpec.WeightRule;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The student's whole forward pass at every site, with dropout, with and without pads: every signal is equal bytes. The
 * teacher's tensors are the CPU's on both devices: its dense products differ in the last bits.
 */
final class StudentForward {
    private StudentForward() {}

    static void run(Conformance run, Device cpu, Device device) {
        QuantSpec rows =
                new QuantSpec(WeightRule.BINARY, Granularity.ROW, 0, 2.5, 8, Granularity.ROW, 2.5, true, true, true);
        QuantSpec bits = new QuantSpec(
                WeightRule.BINARY, Granularity.TENSOR, 0, 2.5, 1, Granularity.TENSOR, 2.5, true, true, true);
        Site[] sites = {null, Site.MAP, Site.CONTEXT, Site.OUTPUT};
        for (Site site : sites) {
            String name = "student forward" + (site == null ? "" : ", " + site);
            run.check(name, "ternary", () -> compare(run, cpu, device, QuantSpec.ternary(), site, 0));
            run.check(name, "ternary, padded", () -> compare(run, cpu, device, QuantSpec.ternary(), site, 9));
            run.check(name, "binary by rows", () -> compare(run, cpu, device, rows, site, 9));
            run.check(name, "binary, one-bit inputs", () -> compare(run, cpu, device, bits, site, 0));
        }
    }

    private static void compare(Conformance run, Device cpu, Device device, QuantSpec quant, Site site, int pads) {
        try (SmallBert here = new SmallBert(cpu, quant, pads);
                SmallBert there = new SmallBert(device, quant, pads);
                Tape teacher = Tape.off(cpu);
                Tape wanted = Tape.off(cpu);
                Tape seen = Tape.off(device);
                Copies copies = new Copies(device)) {
            Trace taught = here.teach(teacher);
            Map<String, double[]> expected = signals(here.learn(wanted, taught, site));
            Map<String, double[]> got = signals(there.learn(seen, copies.of(taught), site));
            expected.forEach((signal, values) -> run.equal(signal, got.get(signal), values));
        }
    }

    /** Every signal up to the sentence vectors; the head behind them is full precision. */
    private static Map<String, double[]> signals(Trace trace) {
        Map<String, double[]> values = new LinkedHashMap<>();
        put(values, "embeddings", trace.embeddings());
        for (int l = 0; l < trace.layers().size(); l++) {
            LayerTrace layer = trace.layers().get(l);
            put(values, "scores " + l, layer.scores());
            put(values, "map " + l, layer.map());
            put(values, "context " + l, layer.context());
            put(values, "output " + l, layer.output());
            put(values, "attention " + l, layer.attention());
            put(values, "hidden " + l, layer.hidden());
        }
        put(values, "pooled", trace.pooled());
        return values;
    }

    private static void put(Map<String, double[]> values, String name, Tensor tensor) {
        if (tensor != null) {
            values.put(name, tensor.value().device().readDoubles(tensor.value()));
        }
    }

    /** Signals of one device on another. */
    private record Copies(Device device, List<Block> blocks) implements AutoCloseable {
        Copies(Device device) {
            this(device, new ArrayList<>());
        }

        Trace of(Trace trace) {
            return new Trace(
                    of(trace.embeddings()),
                    trace.layers().stream().map(this::of).toList(),
                    of(trace.pooled()),
                    of(trace.logits()));
        }

        private LayerTrace of(LayerTrace t) {
            return new LayerTrace(
                    of(t.scores()),
                    of(t.map()),
                    of(t.context()),
                    of(t.output()),
                    of(t.attention()),
                    of(t.hidden()),
                    t.operands());
        }

        private Tensor of(Tensor tensor) {
            Block block = device.allocate(DType.REAL, tensor.value().count());
            blocks.add(block);
            device.writeDoubles(block, tensor.value().device().readDoubles(tensor.value()));
            return new Tensor(tensor.shape(), block, false);
        }

        @Override
        public void close() {
            blocks.forEach(Block::close);
        }
    }
}
