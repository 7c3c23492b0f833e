package dev.ternion.training;

import java.util.Map;

/** A loss part, or what a model says in an evaluation, is NaN or infinite: the training has diverged. */
public final class NonFiniteLoss extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int step;
    private final String part;

    NonFiniteLoss(int step, String part, double value) {
        super("\"" + part + "\" is " + value + " at step " + step
                + ": lower the learning rate or check the data and the model");
        this.step = step;
        this.part = part;
    }

    /** Throws when a logit of an evaluation after {@code step} steps is not finite. */
    static void check(int step, float[] logits) {
        for (float logit : logits) {
            if (!Float.isFinite(logit)) {
                throw new NonFiniteLoss(step, "evaluation logits", logit);
            }
        }
    }

    /** Throws when a part is not finite; nothing was updated in that step. */
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
