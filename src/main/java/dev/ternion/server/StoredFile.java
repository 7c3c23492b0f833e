package dev.ternion.server;

/**
 * A file of a stored model.
 *
 * @param path path in the model's folder, parts joined by {@code /}
 * @param size bytes
 * @param sha256 hex; empty if the store does not keep it
 */
public record StoredFile(String path, long size, String sha256) {}
