package dev.ternion.model;

import dev.ternion.backend.Block;
import dev.ternion.tensor.SequenceLayout;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.ops.Dropout;

/**
 * What a forward pass needs beside its input.
 *
 * @param tape owns the values made
 * @param layout where the sequences lie
 * @param keep signals wanted in the trace
 * @param dropout probability; 0 in evaluation
 * @param seed dropout seed; unused without dropout
 * @param step S32 block with the optimizer step; null without dropout
 */
public record Pass(Tape tape, SequenceLayout layout, Keep keep, double dropout, long seed, Block step) {
    /** A pass without dropout. */
    public static Pass plain(Tape tape, SequenceLayout layout, Keep keep) {
        return new Pass(tape, layout, keep, 0, 0, null);
    }

    /** The same pass on another tape. */
    public Pass on(Tape other) {
        return new Pass(other, layout, keep, dropout, seed, step);
    }

    /** The dropout mask of one place in the model. */
    public Dropout.Mask mask(int site) {
        return new Dropout.Mask(dropout, seed, site, step);
    }
}
