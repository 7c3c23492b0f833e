package dev.ternion.conformance;

import dev.ternion.backend.Device;
import dev.ternion.tensor.Codes;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;
import dev.ternion.tensor.Variable;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What an operation gave.
 *
 * @param values the result in double (codes times steps for {@link Codes}), or the loss alone
 * @param raw codes and mask of a {@link Codes} result, else empty
 * @param gradients by leaf; null where nothing arrived
 */
record OpRun(double[] values, byte[] raw, Map<String, double[]> gradients) {
    static final long SEED = 20230502;

    /** Forward and backward of a case, from the gradient {@link #seedGradient}. */
    static OpRun of(Device device, OpCase test, Size size) {
        try (Fixture fixture = new Fixture(device, size, SEED)) {
            return of(fixture, test.builder().on(fixture));
        }
    }

    static OpRun of(Fixture fixture, OpCase.Body body) {
        try (Tape tape = Tape.on(fixture.device)) {
            Variable output = body.run(tape);
            double[] values = values(fixture, output);
            byte[] raw = raw(fixture.device, output);
            if (output != null) {
                double[] dy = seedGradient(values.length);
                tape.accumulate(output, (grad, add) -> fixture.device.writeDoubles(grad, dy));
            }
            tape.backward();
            Map<String, double[]> gradients = new LinkedHashMap<>();
            fixture.leaves.forEach((name, leaf) ->
                    gradients.put(name, leaf.grad() == null ? null : fixture.device.readDoubles(leaf.grad())));
            fixture.leaves.values().forEach(Variable::clearGrad);
            return new OpRun(values, raw, gradients);
        }
    }

    /** The gradient of the objective with respect to the result. */
    static double[] seedGradient(int n) {
        return new Draws(SEED, 99).normals(n, 1);
    }

    /** The number whose gradient {@code of} computes. */
    static double objective(Fixture fixture, OpCase.Body body) {
        try (Tape tape = Tape.off(fixture.device)) {
            Variable output = body.run(tape);
            double[] values = values(fixture, output);
            if (output == null) {
                return Fixture.LOSS_WEIGHT * values[0];
            }
            double[] dy = seedGradient(values.length);
            double sum = 0;
            for (int i = 0; i < values.length; i++) {
                sum += values[i] * dy[i];
            }
            return sum;
        }
    }

    private static double[] values(Fixture fixture, Variable output) {
        if (output == null) {
            return new double[] {fixture.loss()};
        }
        if (output instanceof Codes codes) {
            double[] steps = fixture.device.readDoubles(codes.step());
            byte[] bytes = fixture.device.readBytes(codes.codes());
            double[] values = new double[bytes.length];
            for (int i = 0; i < values.length; i++) {
                values[i] = bytes[i] * steps[(int) (i / codes.group())];
            }
            return values;
        }
        return fixture.device.readDoubles(((Tensor) output).value());
    }

    private static byte[] raw(Device device, Variable output) {
        if (!(output instanceof Codes codes)) {
            return new byte[0];
        }
        byte[] first = device.readBytes(codes.codes()), second = device.readBytes(codes.mask());
        byte[] all = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }
}
