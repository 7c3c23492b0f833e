package dev.ternion.conformance;

import dev.ternion.tensor.Op;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Variable;

/**
 * One line of the catalogue.
 *
 * @param name operation and variant
 * @param op the record it exercises
 * @param kind how its gradient is defined
 * @param products which passes use dense f32 products, whose bytes may depend on the instruction set
 * @param tolerance relative L2 distance allowed between an f32 device and the f64 reference
 * @param builder makes inputs and the operation on them
 */
record OpCase(String name, Class<? extends Op> op, Kind kind, Products products, double tolerance, Builder builder) {
    enum Kind {
        /** The gradient is the derivative. */
        SMOOTH,
        /** The gradient is a stated formula. */
        STRAIGHT_THROUGH
    }

    enum Products {
        /** No dense product: equal bytes on every instruction set, forward and backward. */
        NONE,
        /** Dense products in the backward pass alone. */
        BACKWARD,
        /** Dense products in both passes. */
        BOTH
    }

    /** Makes the inputs, returns the operation. */
    interface Builder {
        Body on(Fixture fixture);
    }

    /** Runs forward; null for a loss. */
    interface Body {
        Variable run(Tape tape);
    }

    @Override
    public String toString() {
        return name;
    }
}
