package dev.ternion.recipe.finetune;

import dev.ternion.backend.Device;
import dev.ternion.data.CounterRandom;
import dev.ternion.model.bert.BertModel;
import dev.ternion.tensor.Parameter;
import java.util.Set;

/** Starting values of parameters that a pretrained encoder does not bring: normal(0, 0.02) weights, zero biases. Ref: [BERT] */
final class NewHead {
    private static final long PURPOSE = 0x6865_6164L;
    private static final double SIGMA = 0.02;

    private NewHead() {}

    /** Sets the named parameters; a pure function of the seed. */
    static void initialize(Device device, BertModel model, Set<String> names, long seed) {
        long stream = 0;
        for (String name : names) {
            Parameter parameter = model.parameters().get(name);
            float[] values = new float[Math.toIntExact(parameter.shape().elements())];
            if (!name.endsWith(".bias")) {
                CounterRandom random = CounterRandom.of(seed, PURPOSE, stream);
                for (int i = 0; i < values.length; i++) {
                    values[i] = (float) (SIGMA * normal(random, i));
                }
            }
            device.writeFloats(parameter.value(), values);
            parameter.changed();
            stream++;
        }
    }

    /** Box-Muller on two words of the counter. */
    private static double normal(CounterRandom random, long i) {
        double radius = Math.sqrt(-2 * Math.log(1 - random.unit(2 * i)));
        return radius * Math.cos(2 * Math.PI * random.unit(2 * i + 1));
    }
}
