package dev.ternion.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.backend.Backends;
import dev.ternion.backend.Device;
import dev.ternion.intervention.Site;
import dev.ternion.quant.QuantSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every cell of the gradient table of [TI] 2.3: which loss part reaches which parameter in which mode. */
class ReachabilityTest {
    private enum Part {
        SCORES,
        ATTENTION,
        HIDDEN,
        LOGITS
    }

    static Stream<Arguments> cases() {
        List<Arguments> all = new ArrayList<>();
        for (boolean quantized : new boolean[] {true, false}) {
            for (Site site : new Site[] {null, Site.MAP, Site.CONTEXT, Site.OUTPUT}) {
                all.add(Arguments.of(site, quantized));
            }
        }
        return all.stream();
    }

    @ParameterizedTest(name = "site {0}, quantized {1}")
    @MethodSource("cases")
    void eachPartReachesWhatTheTableSays(Site site, boolean quantized) {
        QuantSpec quant = quantized ? QuantSpec.ternary() : null;
        try (Device device = Backends.open("cpu", 1);
                TinyBert tiny = new TinyBert(device, quant, 9).disturbed(0.1)) {
            check(tiny, site, "hidden 0", Part.HIDDEN, -1);
            for (int l = 0; l < TinyBert.LAYERS; l++) {
                check(tiny, site, "scores " + l, Part.SCORES, l);
                check(tiny, site, "attention " + l, Part.ATTENTION, l);
                check(tiny, site, "hidden " + (l + 1), Part.HIDDEN, l);
            }
            check(tiny, site, "logits", Part.LOGITS, TinyBert.LAYERS);
        }
    }

    private static void check(TinyBert tiny, Site site, String loss, Part part, int lossLayer) {
        assertThat(tiny.train(site, Losses.only(loss))).containsOnlyKeys(loss);
        for (Map.Entry<String, double[]> gradient : tiny.gradients().entrySet()) {
            String name = gradient.getKey();
            String cell = (site == null ? "normal" : site) + ", " + loss + " -> " + name;
            if (!reaches(site, part, lossLayer, name)) {
                assertThat(gradient.getValue()).as(cell).isNull();
                continue;
            }
            assertThat(gradient.getValue()).as(cell).isNotNull();
            boolean shiftOfSoftmax = name.endsWith("self.key.bias") && part != Part.SCORES;
            if (!shiftOfSoftmax) { // softmax ignores it, so its gradient is 0 up to rounding
                assertThat(Arrays.stream(gradient.getValue()).anyMatch(g -> g != 0))
                        .as(cell)
                        .isTrue();
            }
            assertThat(Arrays.stream(gradient.getValue()).allMatch(Double::isFinite))
                    .as(cell)
                    .isTrue();
        }
    }

    /** The table. A part of layer j is "own" for j and "down" for the layers before it. */
    private static boolean reaches(Site site, Part part, int lossLayer, String name) {
        if (!name.startsWith("encoder.layer.")) {
            boolean head = name.startsWith("pooler") || name.startsWith("classifier");
            return head ? part == Part.LOGITS : part != Part.SCORES || site == null;
        }
        int layer = name.charAt("encoder.layer.".length()) - '0';
        if (layer > lossLayer) {
            return false;
        }
        boolean queryOrKey = name.contains("self.query") || name.contains("self.key");
        if (part == Part.SCORES) {
            return layer == lossLayer ? queryOrKey : site == null;
        }
        boolean inAttention = name.contains(".attention.");
        if (part == Part.ATTENTION && layer == lossLayer && !inAttention) {
            return false;
        }
        if (!inAttention || name.contains("attention.output.LayerNorm")) {
            return true;
        }
        if (queryOrKey) {
            return site == null;
        }
        if (name.contains("self.value")) {
            return site == null || site == Site.MAP;
        }
        return site != Site.OUTPUT; // attention.output.dense
    }
}
