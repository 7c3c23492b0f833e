package dev.ternion.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ternion.backend.Backends;
import dev.ternion.backend.Device;
import dev.ternion.intervention.Site;
import dev.ternion.quant.QuantSpec;
import dev.ternion.tensor.Compare;
import dev.ternion.tensor.Tape;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an intervention makes dead is not computed. Ref: [TI] 7.2 */
class PrunedWorkTest {
    private static final Keep WITHOUT_SCORES = new Keep(false, false, false, false, true, true, false);
    private static final Keep WITH_SCORES = new Keep(true, false, false, false, true, true, false);

    /** Biases of the layers in the list are released: a computed one would be refused as used after release. */
    @ParameterizedTest
    @CsvSource({
        "OUTPUT, self.query self.key self.value attention.output.dense",
        "CONTEXT, self.query self.key self.value",
        "MAP, self.query self.key"
    })
    void deadProjectionsAreNotComputed(Site site, String dead) {
        try (Device device = Backends.open("cpu", 1);
                TinyBert tiny = new TinyBert(device, QuantSpec.ternary(), 9).disturbed(0.1)) {
            tiny.keep = WITHOUT_SCORES;
            double[] before = tiny.logits(site);
            for (String part : dead.split(" ")) {
                tiny.student.parameters().all().stream()
                        .filter(p -> p.name().contains(part) && p.name().endsWith(".bias"))
                        .filter(p -> !p.name().contains("LayerNorm"))
                        .forEach(p -> p.value().close());
            }
            Compare.sameBytes("logits", tiny.logits(site), before);
            Map<String, Double> losses = tiny.train(site, Losses.ALL);
            assertThat(losses.keySet()).noneMatch(part -> part.startsWith("scores"));
            TreeSet<String> untouched = tiny.gradients().entrySet().stream()
                    .filter(g -> g.getValue() == null)
                    .map(g -> g.getKey()
                            .replaceAll("encoder.layer.\\d.attention.", "")
                            .replaceAll("\\.(weight|bias)$", ""))
                    .collect(Collectors.toCollection(TreeSet::new));
            assertThat(untouched)
                    .containsExactlyInAnyOrder(dead.replace("attention.", "").split(" "));
            tiny.keep = WITH_SCORES;
            assertThatThrownBy(() -> tiny.logits(site)).message().contains("used after it was released");
        }
    }

    @Test
    void onlyWhatIsWantedIsKept() {
        try (Device device = Backends.open("cpu", 1);
                TinyBert tiny = new TinyBert(device, QuantSpec.ternary(), 9);
                var outer = Tape.off(device)) {
            Trace teacher = tiny.teach(outer);
            for (boolean recording : new boolean[] {true, false}) {
                tiny.keep = WITHOUT_SCORES;
                try (var tape = recording ? Tape.on(device) : Tape.off(device)) {
                    LayerTrace layer =
                            tiny.learn(tape, teacher, Site.OUTPUT).layers().get(0);
                    assertThat(layer.scores()).isNull();
                    assertThat(layer.map()).isNull();
                    assertThat(layer.context()).isNull();
                    assertThat(layer.attention()).isNotNull();
                    tiny.keep = WITH_SCORES;
                    layer = tiny.learn(tape, teacher, Site.OUTPUT).layers().get(0);
                    assertThat(device.readDoubles(layer.scores().value())).hasSize(3 * 81 * TinyBert.HEADS);
                    assertThat(layer.map()).isNull();
                }
            }
        }
    }

    /** The fewer sites live, the less memory a step takes. */
    @Test
    void interventionsSaveMemory() {
        try (Device device = Backends.open("cpu", 1);
                TinyBert tiny = new TinyBert(device, QuantSpec.ternary(), 9)) {
            tiny.keep = WITHOUT_SCORES;
            long[] peaks = new long[4];
            Site[] sites = {null, Site.MAP, Site.CONTEXT, Site.OUTPUT};
            for (int i = 0; i < 4; i++) {
                tiny.student.parameters().clearGrads();
                device.ops().reset_peak();
                long before = device.ops().bytes_in_use();
                tiny.train(sites[i], Losses.only("logits"));
                peaks[i] = device.ops().bytes_peak() - before;
            }
            for (int i = 1; i < 4; i++) {
                assertThat(peaks[i]).as("%s against %s", sites[i], sites[i - 1]).isLessThan(peaks[i - 1]);
            }
        }
    }
}
