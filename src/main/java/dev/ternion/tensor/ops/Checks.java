package dev.ternion.tensor.ops;

import dev.ternion.tensor.Shape;

/** Shape checks with one form of message: operation, seen, wanted. */
final class Checks {
    private Checks() {}

    static void sameShape(String op, Shape a, Shape b) {
        if (!a.equals(b)) {
            throw new IllegalArgumentException("[" + op + "] shapes " + a + " and " + b + " must be equal");
        }
    }

    static void cols(String op, Shape seen, long wanted) {
        if (seen.cols() != wanted) {
            throw new IllegalArgumentException(
                    "[" + op + "] last dimension of " + seen + " must be " + wanted + ", the weight's input size");
        }
    }

    static void elements(String op, String what, Shape seen, long wanted) {
        if (seen.elements() != wanted) {
            throw new IllegalArgumentException(
                    "[" + op + "] " + what + " has shape " + seen + ", wanted " + wanted + " elements");
        }
    }
}
