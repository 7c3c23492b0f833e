package dev.ternion.bench;

import dev.ternion.backend.Block;
import dev.ternion.backend.DType;
import dev.ternion.backend.Device;
import dev.ternion.data.CounterRandom;
import dev.ternion.tensor.Parameter;
import dev.ternion.tensor.Shape;

/** Random inputs, the same in every run. */
final class Inputs {
    private static final long SEED = 2;

    private Inputs() {}

    /** n numbers of mean 0 and this deviation: sums of twelve uniforms. */
    static float[] normals(long n, double sigma, long stream) {
        CounterRandom random = CounterRandom.of(SEED, stream);
        float[] values = new float[Math.toIntExact(n)];
        for (int i = 0; i < values.length; i++) {
            double sum = -6;
            for (int u = 0; u < 12; u++) {
                sum += random.unit(12L * i + u);
            }
            values[i] = (float) (sigma * sum);
        }
        return values;
    }

    /** A matrix of normal numbers. */
    static Parameter matrix(Device device, String name, long rows, long cols, long stream) {
        Block block = device.allocate(DType.REAL, rows * cols);
        device.writeFloats(block, normals(rows * cols, 0.5, stream));
        return new Parameter(name, Shape.of(rows, cols), block);
    }
}
