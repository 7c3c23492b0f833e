package dev.ternion.store;

import dev.ternion.jobs.JobQueueTest;
import dev.ternion.jobs.JobStore;

/** The queue's tests, while one call of its store in ten fails, before it has happened or after. */
class FaultyQueueTest extends JobQueueTest {
    @Override
    protected JobStore store(JobStore inMemory) {
        return new FaultyStores(0.1, 8).survived(inMemory);
    }
}
