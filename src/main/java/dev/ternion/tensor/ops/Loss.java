package dev.ternion.tensor.ops;

import dev.ternion.tensor.Op;
import dev.ternion.tensor.Variable;

/** An operation whose result is a loss slot: a root of the backward pass. */
interface Loss extends Op {
    @Override
    default Variable output() {
        return null;
    }
}
