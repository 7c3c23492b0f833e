package dev.ternion.training;

/** Linear warm-up, then linear decay to zero. Ref: [TI] 4.3 */
public final class LrSchedule {
    private LrSchedule() {}

    /**
     * Factor on the peak rate.
     *
     * @param x share of the steps already done, step / total
     * @param warmup share of the steps spent warming up, in [0, 1)
     */
    public static double multiplier(double x, double warmup) {
        return x < warmup ? x / warmup : Math.max((1 - x) / (1 - warmup), 0);
    }
}
