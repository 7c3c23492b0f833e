package dev.ternion.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.backend.Backends;
import dev.ternion.backend.Device;
import dev.ternion.intervention.Site;
import dev.ternion.quant.QuantSpec;
import dev.ternion.quant.QuantSpec.WeightRule;
import dev.ternion.tensor.Parameter;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which parameters a quantized student's logits depend on under each intervention. Ref: [TI] 2.3, 7.10 */
class InvarianceTest {
    @ParameterizedTest
    @CsvSource({
        "OUTPUT, TERNARY, self.query self.key self.value attention.output.dense",
        "CONTEXT, TERNARY, self.query self.key self.value",
        "MAP, TERNARY, self.query self.key",
        "OUTPUT, BINARY, self.query self.key self.value attention.output.dense",
        "CONTEXT, BINARY, self.query self.key self.value",
        "MAP, BINARY, self.query self.key",
        ", TERNARY, nothing"
    })
    void onlyTheReplacedPartIsFreeToChange(Site site, WeightRule rule, String free) {
        try (Device device = Backends.open("cpu", 1);
                TinyBert tiny = new TinyBert(device, QuantSpec.ternary().withWeights(rule), 9).disturbed(0.05)) {
            double[] before = tiny.logits(site);
            assertThat(before).isNotEqualTo(tiny.teacherLogits());
            for (Parameter p : tiny.student.parameters().all()) {
                double[] values = device.readDoubles(p.value());
                tiny.disturb(p, 1);
                boolean expected = Arrays.stream(free.split(" ")).anyMatch(p.name()::contains);
                assertThat(Arrays.equals(tiny.logits(site), before))
                        .as("%s: logits unchanged by %s", site, p.name())
                        .isEqualTo(expected);
                TinyBert.set(tiny.student, p, values);
            }
            assertThat(tiny.logits(site)).isEqualTo(before);
        }
    }
}
