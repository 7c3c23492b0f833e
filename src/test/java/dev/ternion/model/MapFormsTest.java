package dev.ternion.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.backend.Backends;
import dev.ternion.backend.Device;
import dev.ternion.intervention.Site;
import dev.ternion.quant.QuantSpec;
import dev.ternion.tensor.Compare;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A model trains to the same bytes whether its maps are stored or made in parts. */
class MapFormsTest {
    private static final Keep IN_PARTS = new Keep(false, false, false, false, true, true, true);
    private static final Keep WHOLE = new Keep(true, true, false, false, true, true, false);

    @ParameterizedTest
    @CsvSource({
        ", false",
        "MAP, false",
        "CONTEXT, false",
        "OUTPUT, false",
        ", true",
        "MAP, true",
    })
    void lossesAndGradientsAreTheSame(Site site, boolean fullPrecision) {
        QuantSpec quant = fullPrecision ? null : QuantSpec.ternary();
        for (int pads : new int[] {0, 9}) {
            try (Device device = Backends.open("cpu", 2);
                    TinyBert tiny = new TinyBert(device, quant, pads).disturbed(0.1)) {
                tiny.dropout = 0.1;
                tiny.keep = WHOLE;
                Map<String, Double> losses = tiny.train(site, Losses.ALL);
                Map<String, double[]> gradients = tiny.gradients();
                tiny.keep = IN_PARTS;
                Map<String, Double> others = tiny.train(site, Losses.ALL);
                same(losses, others);
                tiny.gradients().forEach((name, gradient) -> Compare.sameBytes(name, gradient, gradients.get(name)));
            }
        }
    }

    private static void same(Map<String, Double> whole, Map<String, Double> parts) {
        assertThat(whole).containsKey("scores 0").isEqualTo(parts);
    }
}
