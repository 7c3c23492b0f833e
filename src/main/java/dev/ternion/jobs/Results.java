package dev.ternion.jobs;

/** What jobs have made, which must be safe before a job is said to be done. Port; a call does not wait. */
@FunctionalInterface
public interface Results {
    /** How far it is. */
    enum Stage {
        /** Safe. */
        KEPT,
        /** On its way; ask again. */
        UNDER_WAY,
        /** Given up for now: whoever asks again begins again. */
        GIVEN_UP
    }

    /** How far what a job has made is. A first question begins it. */
    Stage stage(Job job);
}
