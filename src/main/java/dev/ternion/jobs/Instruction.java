package dev.ternion.jobs;

/**
 * What a worker hears when it has reported.
 *
 * @param order what to do
 * @param checkpoint what the server calls a checkpoint that it wants at the next step, until the worker has answered it; empty: none
 */
public record Instruction(Order order, String checkpoint) {
    /** Go on. */
    public static final Instruction GO_ON = new Instruction(Order.GO_ON, "");
}
