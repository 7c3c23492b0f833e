package dev.ternion.training;

import java.util.Map;

/** A loss part is NaN or infinite: the training has diverged. Nothing was updated in that step. */
public final class NonFiniteLoss extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int step;
    private final String part;

    NonFiniteLoss(int step, String part, double value) {
        super("loss part \"" + part + "\" is " + value + " at step " + step
                + ": lower the learning rate or check the data and the model");
        this.step = step;
        this.part = part;
    }

    /** Throws when a part is not finite. */
    static void check(int step, Map<String, Double> losses) {
        losses.forEach((part, value) -> {
            if (!Double.isFinite(value)) {
                throw new NonFiniteLoss(step, part, value);
            }
        });
    }

    /** Step, from 0. */
    public int step() {
        return step;
    }

    /** Name of the part. */
    public String part() {
        return part;
    }
}
