package dev.ternion.api;

/**
 * One thing wrong with a request.
 *
 * @param path field, as in {@code spec.qat.quant.weight_group}
 * @param message value seen and values allowed
 */
public record Violation(String path, String message) {}
