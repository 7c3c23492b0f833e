package dev.ternion.objects;

import java.time.Instant;

/**
 * An upload as it stands on disk.
 *
 * @param id its id
 * @param size bytes that it has when all are there
 * @param committed bytes that are there for good
 * @param sha256 of all bytes, hex; empty until it is finalized
 * @param expires when it is removed; each commit puts that off
 * @param owner id of the caller who began it; empty for one that an earlier version began
 */
public record Upload(String id, long size, long committed, String sha256, Instant expires, String owner) {
    /** Whether its bytes were all there, and had the digest that the client knew. */
    public boolean isFinalized() {
        return !sha256.isEmpty();
    }

    Upload committed(long bytes, Instant until) {
        return new Upload(id, size, bytes, sha256, until, owner);
    }

    Upload finalized(String digest, Instant until) {
        return new Upload(id, size, size, digest, until, owner);
    }
}
