package dev.ternion.training;

import dev.ternion.quant.QuantSpec;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** {@link ResumeTest} on the emulated CUDA device. */
class EmulatedResumeIT {
    static Stream<Arguments> trainings() {
        return Resumption.trainings();
    }

    @ParameterizedTest(name = "{0}, {1}, after step {2}")
    @MethodSource("trainings")
    void endsInTheSameBytes(OptimizerSpec optimizer, QuantSpec.WeightRule rule, int stop) throws Exception {
        Resumption.check("emulated", optimizer, rule, stop);
    }
}
