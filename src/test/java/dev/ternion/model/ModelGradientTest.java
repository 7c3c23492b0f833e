package dev.ternion.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.backend.Backends;
import dev.ternion.backend.Device;
import dev.ternion.conformance.Draws;
import dev.ternion.intervention.Site;
import dev.ternion.tensor.Parameter;
import dev.ternion.tensor.Tape;
import java.util.Map;
import org.bytedeco.javacpp.DoublePointer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Gradients of the whole model in double against central differences, in every mode. */
class ModelGradientTest {
    @ParameterizedTest
    @CsvSource({", 0", ", 0.1", "MAP, 0.1", "CONTEXT, 0", "OUTPUT, 0.1"})
    void agreeWithDifferences(Site site, double dropout) {
        try (Device device = Backends.open("cpu64", 1);
                TinyBert tiny = new TinyBert(device, null, 8).disturbed(0.1);
                Tape outer = Tape.off(device)) {
            Trace teacher = tiny.teach(outer);
            tiny.dropout = dropout;
            tiny.train(site, Losses.ALL);
            Map<String, double[]> gradients = tiny.gradients();
            double largest = 0;
            for (double[] g : gradients.values()) {
                largest = Math.max(largest, g == null ? 0 : rms(g));
            }
            for (Parameter p : tiny.student.parameters().all()) {
                double[] g = gradients.get(p.name());
                Draws draws = new Draws(6, p.name().hashCode());
                for (int probe = 0; probe < 2; probe++) {
                    int i = draws.below((int) p.shape().elements());
                    double seen = g == null ? 0 : g[i], wanted = difference(tiny, teacher, site, p, i);
                    double scale = Math.max(Math.abs(wanted), Math.max(g == null ? 0 : rms(g), 1e-4 * largest));
                    assertThat(Math.abs(seen - wanted) <= 1e-5 * scale)
                            .as("%s, d/d %s[%d]: %.12g, differences say %.12g", site, p.name(), i, seen, wanted)
                            .isTrue();
                }
            }
        }
    }

    private static double rms(double[] values) {
        double sum = 0;
        for (double v : values) {
            sum += v * v;
        }
        return Math.sqrt(sum / values.length);
    }

    private static double difference(TinyBert tiny, Trace teacher, Site site, Parameter p, int i) {
        double h = 1e-5, x = tiny.device.readDoubles(p.value())[i];
        double above = objective(tiny, teacher, site, p, i, x + h);
        double below = objective(tiny, teacher, site, p, i, x - h);
        set(tiny, p, i, x);
        return (above - below) / (2 * h);
    }

    /** Under an intervention the score losses see inputs cut off from gradients: only queries and keys feel them. */
    private static double objective(TinyBert tiny, Trace teacher, Site site, Parameter p, int i, double value) {
        set(tiny, p, i, value);
        boolean queryOrKey = p.name().contains("self.query") || p.name().contains("self.key");
        Losses felt = site == null || queryOrKey ? Losses.ALL : new Losses(part -> !part.startsWith("scores"));
        try (Tape tape = Tape.off(tiny.device)) {
            return Losses.total(felt.record(tape, tiny.batch.layout(), tiny.learn(tape, teacher, site), teacher));
        }
    }

    private static void set(TinyBert tiny, Parameter p, int i, double value) {
        try (DoublePointer pointer = new DoublePointer(value)) {
            tiny.device.ops().write_f64(p.value().raw(), i, pointer, 1);
        }
        p.changed();
    }
}
