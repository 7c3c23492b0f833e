package dev.ternion.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.backend.Backends;
import dev.ternion.backend.Device;
import dev.ternion.intervention.Site;
import dev.ternion.quant.QuantSpec;
import dev.ternion.tensor.Compare;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.ops.Dropout;
import dev.ternion.tensor.ops.ResidualNorm;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A step with dropout is a pure function of its inputs, whatever the number of threads. */
class DeterminismTest {
    private record Step(Map<String, Double> losses, Map<String, double[]> gradients, double[] logits) {}

    private static Step step(int threads, Site site, int pads, double dropout) {
        try (Device device = Backends.open("cpu", threads);
                TinyBert tiny = new TinyBert(device, QuantSpec.ternary(), pads).disturbed(0.1)) {
            tiny.dropout = dropout;
            return new Step(tiny.train(site, Losses.ALL), tiny.gradients(), tiny.logits(site));
        }
    }

    @ParameterizedTest
    @CsvSource({", 0", ", 9", "MAP, 9", "CONTEXT, 0", "OUTPUT, 9"})
    void sameSeedSameBytes(Site site, int pads) {
        Step first = step(1, site, pads, 0.1);
        for (int threads : new int[] {1, 2}) {
            Step again = step(threads, site, pads, 0.1);
            assertThat(again.losses).isEqualTo(first.losses);
            Compare.sameBytes("logits", again.logits, first.logits);
            first.gradients.forEach((name, g) -> Compare.sameBytes(name, again.gradients.get(name), g));
        }
        assertThat(step(2, site, pads, 0).logits).as("without dropout").isNotEqualTo(first.logits);
    }

    /** Forward bytes do not depend on whether a backward pass is to come. */
    @ParameterizedTest
    @CsvSource({", 9", "MAP, 9", "CONTEXT, 9", "OUTPUT, 9"})
    void recordingChangesNothing(Site site, int pads) {
        try (Device device = Backends.open("cpu", 2);
                TinyBert tiny = new TinyBert(device, QuantSpec.ternary(), pads).disturbed(0.1)) {
            tiny.dropout = 0.1;
            double[] evaluated = tiny.logits(site);
            for (Keep keep :
                    new Keep[] {Keep.ALL, Keep.NOTHING, new Keep(true, false, false, false, true, true, false)}) {
                tiny.keep = keep;
                try (Tape outer = Tape.off(device);
                        Tape tape = Tape.on(device)) {
                    Trace trace = tiny.learn(tape, tiny.teach(outer), site);
                    Compare.sameBytes(
                            "logits", device.readDoubles(trace.logits().value()), evaluated);
                }
                Compare.sameBytes("logits", tiny.logits(site), evaluated);
            }
        }
    }

    /** Two places that shared a dropout number would drop the same elements. */
    @Test
    void everyDropoutHasItsOwnNumber() throws Exception {
        Field recorded = Tape.class.getDeclaredField("ops");
        recorded.setAccessible(true);
        try (Device device = Backends.open("cpu", 1);
                TinyBert tiny = new TinyBert(device, QuantSpec.ternary(), 9);
                Tape tape = Tape.on(device)) {
            tiny.dropout = 0.1;
            tiny.learn(tape, null, null);
            List<Integer> sites = new ArrayList<>();
            for (Object op : (List<?>) recorded.get(tape)) {
                if (op instanceof Dropout dropout) {
                    sites.add(dropout.mask().site());
                } else if (op instanceof ResidualNorm residual) {
                    sites.add(residual.mask().site());
                }
            }
            assertThat(sites).hasSize(2 + 3 * TinyBert.LAYERS).doesNotHaveDuplicates();
        }
    }
}
