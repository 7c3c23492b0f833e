package dev.ternion.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.ternion.backend.Backends;
import dev.ternion.backend.Device;
import dev.ternion.intervention.Site;
import dev.ternion.tensor.Compare;
import dev.ternion.tensor.Tape;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** In full precision and without dropout a student with the teacher's weights is the teacher. Ref: [TI] 7.10 */
class EqualTeacherTest {
    @ParameterizedTest
    @CsvSource({
        "cpu, , 0", "cpu, MAP, 0", "cpu, CONTEXT, 0", "cpu, OUTPUT, 0",
        "cpu, , 9", "cpu, MAP, 9", "cpu, CONTEXT, 9", "cpu, OUTPUT, 9",
        "cpu64, , 9", "cpu64, MAP, 9", "cpu64, CONTEXT, 9", "cpu64, OUTPUT, 9"
    })
    void everyModeGivesTheTeachersLogitsAndNoLoss(String name, Site site, int pads) {
        try (Device device = Backends.open(name, 1);
                TinyBert tiny = new TinyBert(device, null, pads)) {
            double[] wanted = tiny.teacherLogits();
            Compare.sameBytes("evaluated logits", tiny.logits(site), wanted);
            try (Tape outer = Tape.off(device);
                    Tape tape = Tape.on(device)) {
                double[] seen = device.readDoubles(
                        tiny.learn(tape, tiny.teach(outer), site).logits().value());
                Compare.sameBytes("recorded logits", seen, wanted);
            }
            Map<String, Double> losses = tiny.train(site, Losses.ALL);
            assertThat(losses).hasSize(1 + TinyBert.LAYERS * 3 + 1);
            assertThat(losses.remove("logits")).isCloseTo(entropy(wanted, 3), within(1e-6));
            assertThat(losses.values()).allMatch(loss -> loss == 0);
        }
    }

    /** Mean entropy of the rows' softmax. */
    private static double entropy(double[] logits, int classes) {
        double total = 0;
        for (int r = 0; r < logits.length; r += classes) {
            double sum = 0;
            for (int c = r; c < r + classes; c++) {
                sum += Math.exp(logits[c]);
            }
            for (int c = r; c < r + classes; c++) {
                double p = Math.exp(logits[c]) / sum;
                total -= p * Math.log(p);
            }
        }
        return total * classes / logits.length;
    }
}
