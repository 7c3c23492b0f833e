package dev.ternion.server;

import java.io.IOException;

/** Holds callers to their quotas of stored bytes. What they have is looked up each time, so that there is no account that could differ. */
final class Storage {
    private final Quotas quotas;
    private final StoredBytes stored;

    Storage(Quotas quotas, ModelCatalog models, DatasetCatalog datasets, CheckpointCatalog checkpoints) {
        this.quotas = quotas;
        this.stored = owner -> models.bytes(owner) + datasets.bytes(owner) + checkpoints.bytes(owner);
    }

    /** Refuses what may need bytes of a caller that has as many as it may. */
    void requireSome(String owner) throws IOException {
        quotas.requireStoredBytes(owner, 0, stored);
    }

    /** For an import by this caller. */
    Room room(String caller) {
        return new Room() {
            @Override
            public String owner() {
                return caller;
            }

            @Override
            public void take(long bytes, Placing placing) throws IOException {
                place(caller, bytes, placing);
            }
        };
    }

    private synchronized void place(String owner, long bytes, Room.Placing placing) throws IOException {
        quotas.requireStoredBytes(owner, bytes, stored);
        placing.run();
    }
}
