package dev.ternion.tensor;

/** One recorded operation. */
public interface Op {
    /** What it produced; null for a loss. */
    Variable output();

    /** Adds its share to the gradients of its inputs. Called once, after all users of the output. */
    void backward(Tape tape);
}
