package dev.ternion.quant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ternion.backend.Backends;
import dev.ternion.backend.DType;
import dev.ternion.backend.Device;
import dev.ternion.conformance.Draws;
import dev.ternion.quant.QuantSpec.Granularity;
import dev.ternion.quant.QuantSpec.WeightRule;
import dev.ternion.tensor.Codes;
import dev.ternion.tensor.Compare;
import dev.ternion.tensor.Parameter;
import dev.ternion.tensor.Shape;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Variable;
import dev.ternion.tensor.ops.QuantizedWeight;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** That each setting of a {@link QuantSpec} reaches the operation it names. */
class QuantizerTest {
    private static final int ROWS = 6;
    private static final int COLS = 16;
    private final double[] values = new Draws(21).clipped(ROWS * COLS, 1.5);
    private Device device;
    private Parameter x;
    private Tape tape;

    @BeforeEach
    void open() {
        device = Backends.open("cpu64", 1);
        x = new Parameter("x", Shape.of(ROWS, COLS), device.allocate(DType.REAL, ROWS * COLS));
        device.writeDoubles(x.value(), values);
        tape = Tape.on(device);
    }

    @AfterEach
    void close() {
        tape.close();
        x.close();
        device.close();
    }

    private static QuantSpec spec(
            WeightRule rule, Granularity weights, int group, int bits, Granularity inputs, boolean on) {
        return new QuantSpec(rule, weights, group, 1.25, bits, inputs, 1.5, on, on, on);
    }

    private double[] expanded(Codes codes) {
        byte[] bytes = device.readBytes(codes.codes());
        double[] steps = device.readDoubles(codes.step()), all = new double[bytes.length];
        for (int i = 0; i < all.length; i++) {
            all[i] = bytes[i] * steps[(int) (i / codes.group())];
        }
        return all;
    }

    @ParameterizedTest
    @CsvSource({"TENSOR, 8", "ROW, 8", "TENSOR, 4", "ROW, 2"})
    void inputsFollowBitsGranularityAndClip(Granularity granularity, int bits) {
        Quantizer quantizer = new Quantizer(spec(WeightRule.TERNARY, Granularity.TENSOR, 0, bits, granularity, true));
        Codes codes = (Codes) quantizer.input(tape, x);
        int group = granularity == Granularity.ROW ? COLS : ROWS * COLS;
        double[] wanted = QuantOracle.symmetric(values, group, 1.5, bits).values();
        Compare.close("input", expanded(codes), wanted, 1e-12);
        Codes operand = (Codes) quantizer.attentionOperand(tape, x);
        Compare.close(
                "operand",
                expanded(operand),
                QuantOracle.symmetric(values, values.length, 1.5, bits).values(),
                1e-12);
    }

    @ParameterizedTest
    @CsvSource({"TENSOR, TENSOR, true", "ROW, ROW, true", "TENSOR, GROUP, false"})
    void oneBitInputsAreSignsAndAttentionKeepsEightBits(Granularity inputs, Granularity weights, boolean packed) {
        Quantizer quantizer = new Quantizer(spec(WeightRule.BINARY, weights, 8, 1, inputs, true));
        Codes codes = (Codes) quantizer.input(tape, x);
        int group = inputs == Granularity.ROW ? COLS : ROWS * COLS;
        Compare.close(
                "input", expanded(codes), QuantOracle.binary(values, group, 1.5).values(), 1e-12);
        assertThat(codes.bits() != null).as("bits for the product of bits").isEqualTo(packed);
        Codes operand = (Codes) quantizer.attentionOperand(tape, x);
        Compare.close(
                "operand",
                expanded(operand),
                QuantOracle.symmetric(values, values.length, 1.5, 8).values(),
                1e-12);
        Quantizer ternary = new Quantizer(spec(WeightRule.TERNARY, weights, 8, 1, inputs, true));
        assertThat(((Codes) ternary.input(tape, x)).bits()).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "TERNARY, TENSOR, 96", "TERNARY, ROW, 16", "TERNARY, GROUP, 8",
        "BINARY, TENSOR, 96", "BINARY, ROW, 16", "BINARY, GROUP, 8"
    })
    void weightsFollowRuleGranularityAndClip(WeightRule rule, Granularity granularity, int group) {
        Quantizer quantizer = new Quantizer(spec(rule, granularity, 8, 8, Granularity.TENSOR, true));
        QuantOracle.Quantized wanted = rule == WeightRule.BINARY
                ? QuantOracle.binary(values, group, 1.25)
                : QuantOracle.ternary(values, group, 1.25);
        try (QuantizedWeight weight = quantizer.weight(device, x).fresh()) {
            assertThat(weight.group()).isEqualTo(group);
            assertThat(device.readBytes(weight.codes())).isEqualTo(wanted.codes());
            Compare.close("scales", device.readDoubles(weight.scale()), wanted.scales(), 1e-12);
        }
        QuantOracle.Quantized rows = rule == WeightRule.BINARY
                ? QuantOracle.binary(values, COLS, 1.25)
                : QuantOracle.ternary(values, COLS, 1.25);
        double[] embedded = device.readDoubles(quantizer.embeddings(tape, x).value());
        Compare.close("embeddings", embedded, rows.values(), 1e-12);
    }

    @Test
    void weightsAreRenewedWhenTheyChangeAndOnlyThen() {
        try (QuantizedWeight weight =
                new Quantizer(QuantSpec.ternary()).weight(device, x).fresh()) {
            double before = device.readDoubles(weight.scale())[0];
            device.ops().scale(x.value().raw(), x.value().raw(), 2, x.shape().elements(), false);
            assertThat(device.readDoubles(weight.fresh().scale())[0]).isEqualTo(before);
            x.changed();
            assertThat(device.readDoubles(weight.fresh().scale())[0]).isNotEqualTo(before);
        }
    }

    @Test
    void whatIsSwitchedOffStaysInFullPrecision() {
        Quantizer part = new Quantizer(spec(WeightRule.TERNARY, Granularity.TENSOR, 0, 8, Granularity.TENSOR, false));
        assertThat(part.active()).isTrue();
        assertThat(part.attentionOperand(tape, x)).isSameAs((Variable) x);
        assertThat(part.embeddings(tape, x)).isSameAs(x);
        Quantizer none = Quantizer.none();
        assertThat(none.active()).isFalse();
        assertThat(none.input(tape, x)).isSameAs((Variable) x);
        assertThat(none.weight(device, x)).isNull();
    }

    @Test
    void aGroupThatDoesNotDivideIsNamed() {
        Quantizer quantizer =
                new Quantizer(spec(WeightRule.TERNARY, Granularity.GROUP, 12, 8, Granularity.TENSOR, true));
        assertThatThrownBy(() -> quantizer.weight(device, x))
                .message()
                .contains("weight group 12", "input size 16", "of x");
    }
}
