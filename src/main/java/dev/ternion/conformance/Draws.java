package dev.ternion.conformance;

import dev.ternion.data.CounterRandom;

/** Seeded numbers, all exactly representable as floats so that f32 and f64 devices see the same inputs. */
public final class Draws {
    private final CounterRandom random;
    private long position;

    public Draws(long seed, long... purpose) {
        random = CounterRandom.of(seed, purpose);
    }

    /** A number in [low, high). */
    public double uniform(double low, double high) {
        return (float) (low + (high - low) * random.unit(position++));
    }

    /** A number of mean 0 (Box–Muller). */
    public double normal(double sigma) {
        double radius = Math.sqrt(-2 * Math.log(1 - random.unit(position++)));
        return (float) (sigma * radius * Math.cos(2 * Math.PI * random.unit(position++)));
    }

    /** A number in 0 .. bound - 1. */
    public int below(int bound) {
        return random.below(bound, position++);
    }

    /** n numbers of mean 0. */
    public double[] normals(long n, double sigma) {
        double[] values = new double[Math.toIntExact(n)];
        for (int i = 0; i < n; i++) {
            values[i] = normal(sigma);
        }
        return values;
    }

    /** n numbers in [low, high). */
    public double[] uniforms(long n, double low, double high) {
        double[] values = new double[Math.toIntExact(n)];
        for (int i = 0; i < n; i++) {
            values[i] = uniform(low, high);
        }
        return values;
    }

    /** Normal numbers; every seventh sits on +clip, every eleventh on -clip, every thirteenth far outside. */
    public double[] clipped(long n, double clip) {
        double[] values = normals(n, 1.2);
        for (int i = 3; i < n; i++) {
            values[i] = i % 7 == 0 ? clip : i % 11 == 0 ? -clip : i % 13 == 0 ? 2 * clip : values[i];
        }
        return values;
    }

    /** n whole numbers in 0 .. bound - 1. */
    public int[] ints(long n, int bound) {
        int[] values = new int[Math.toIntExact(n)];
        for (int i = 0; i < n; i++) {
            values[i] = below(bound);
        }
        return values;
    }
}
