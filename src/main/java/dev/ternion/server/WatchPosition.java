package dev.ternion.server;

/**
 * What was told in a watch of all jobs.
 *
 * @param phase what comes next
 * @param base newest revision when the watch began; it counts in BEGIN and STANDING
 * @param told all that the watch tells up to this revision was told; in STANDING: of the jobs that stand
 */
record WatchPosition(Phase phase, long base, long told) {
    /** Parts of a watch, in this order. */
    enum Phase {
        /** sync_begin. */
        BEGIN,
        /** The jobs whose newest change is not above the base. */
        STANDING,
        /** The changes above the base up to the newest one when the last standing job was told; then sync_end. */
        CATCH_UP,
        /** All changes as they come. */
        LIVE
    }

    WatchPosition at(long revision) {
        return new WatchPosition(phase, base, revision);
    }

    WatchPosition in(Phase next) {
        return new WatchPosition(next, base, told);
    }

    /** The changes above this revision are needed. */
    long needed() {
        return phase == Phase.BEGIN || phase == Phase.STANDING ? base : told;
    }
}
