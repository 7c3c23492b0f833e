package dev.ternion.training;

import dev.ternion.quant.QuantSpec;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A training that is stopped and taken over ends in the bytes of one that was not. */
class ResumeTest {
    static Stream<Arguments> trainings() {
        return Resumption.trainings();
    }

    @ParameterizedTest(name = "{0}, {1}, after step {2}")
    @MethodSource("trainings")
    void endsInTheSameBytes(OptimizerSpec optimizer, QuantSpec.WeightRule rule, int stop) throws Exception {
        Resumption.check("cpu", optimizer, rule, stop);
    }
}
