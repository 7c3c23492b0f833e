package dev.ternion.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.backend.Backends;
import dev.ternion.backend.Block;
import dev.ternion.backend.DType;
import dev.ternion.backend.Device;
import dev.ternion.intervention.Site;
import dev.ternion.quant.QuantSpec;
import dev.ternion.quant.QuantSpec.Granularity;
import dev.ternion.quant.QuantSpec.WeightRule;
import dev.ternion.tensor.Compare;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The student's forward pass on the emulated CUDA device gives the CPU's bytes, at every site, with dropout, with and
 * without pads. The teacher's tensors are the CPU's on both devices: its dense products differ in the last bits.
 */
class EmulatedForwardIT {
    private static Device cpu;
    private static Device emulated;

    @BeforeAll
    static void open() {
        cpu = Backends.open("cpu", 2);
        emulated = Backends.open("emulated", 1);
    }

    @AfterAll
    static void close() {
        cpu.close();
        emulated.close();
    }

    static Stream<Arguments> passes() {
        QuantSpec binary =
                new QuantSpec(WeightRule.BINARY, Granularity.ROW, 0, 2.5, 8, Granularity.ROW, 2.5, true, true, true);
        return Stream.of(null, Site.MAP, Site.CONTEXT, Site.OUTPUT)
                .flatMap(site -> Stream.of(
                        Arguments.of("ternary", QuantSpec.ternary(), site, 0),
                        Arguments.of("ternary, padded", QuantSpec.ternary(), site, 9),
                        Arguments.of("binary by rows", binary, site, 9)));
    }

    @ParameterizedTest(name = "{0}, {2}")
    @MethodSource("passes")
    void givesTheBytesOfTheCpu(String name, QuantSpec quant, Site site, int pads) {
        try (TinyBert here = new TinyBert(cpu, quant, pads).disturbed(0.1);
                TinyBert there = new TinyBert(emulated, quant, pads).disturbed(0.1);
                Tape teacher = Tape.off(cpu);
                Tape wanted = Tape.off(cpu);
                Tape seen = Tape.off(emulated);
                Copies copies = new Copies(emulated)) {
            here.dropout = there.dropout = 0.1;
            Trace taught = here.teach(teacher);
            Map<String, double[]> expected = values(here.learn(wanted, taught, site));
            Map<String, double[]> got = values(there.learn(seen, copies.of(taught), site));
            assertThat(got.keySet()).isEqualTo(expected.keySet()).contains("embeddings", "pooled", "hidden 2");
            expected.forEach((what, bytes) -> Compare.sameBytes(what, got.get(what), bytes));
        }
    }

    /** Every signal up to the sentence vectors; the head behind them is full precision. */
    private static Map<String, double[]> values(Trace trace) {
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
                    of(t.scores()), of(t.map()), of(t.context()), of(t.output()), of(t.attention()), of(t.hidden()));
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
