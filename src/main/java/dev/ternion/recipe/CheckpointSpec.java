package dev.ternion.recipe;

/**
 * When a job makes checkpoints, which stay, and at which one it begins. None of it changes a number of the job but the last.
 *
 * @param everySteps optimizer steps of a training between checkpoints; 0 for none by number
 * @param everySeconds seconds between checkpoints, those after evaluations counted
 * @param keepLast newest ones that stay, at least 2: the last one, and the one before it should the last be damaged
 * @param keepBest whether the one of the best evaluation stays too
 * @param keepAfterEnd whether the newest one stays when the job has ended
 * @param beginAt name of the checkpoint of another job at which this one begins; empty for none
 */
public record CheckpointSpec(
        int everySteps, int everySeconds, int keepLast, boolean keepBest, boolean keepAfterEnd, String beginAt) {
    /** A minute, the last two. */
    public static final CheckpointSpec USUAL = new CheckpointSpec(0, 60, 2, false, false, "");

    /** The same for a job that begins at a checkpoint of another. */
    public CheckpointSpec beginningAt(String checkpoint) {
        return new CheckpointSpec(everySteps, everySeconds, keepLast, keepBest, keepAfterEnd, checkpoint);
    }
}
