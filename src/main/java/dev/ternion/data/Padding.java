package dev.ternion.data;

/** How sequences of different lengths stand in one batch; the two train differently, see [TI] and ARCHITECTURE. */
public enum Padding {
    /**
     * Every sequence takes the task's maximum length, filled with pad tokens. Pad rows are ordinary query rows and
     * count in the losses, as in the reference implementation; only as keys are they masked.
     */
    REFERENCE,
    /** Every sequence takes its own length; there are no pad rows, and losses are means over real tokens. */
    MASKED
}
