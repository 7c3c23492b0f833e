package dev.ternion.recipe;

/** What a job is asked to do; one record per kind. Validated before it is queued, immutable afterwards. */
public interface JobSpec {
    /** The data the job reads. */
    DataSpec data();

    /** Device it runs on: "cpu" or "cuda:N". */
    String device();

    /** Limit of the job's memory on the device in MiB; 0 for none. */
    int deviceMemoryMib();

    /** Its checkpoints; the usual ones where nothing is trained. */
    default CheckpointSpec checkpoints() {
        return CheckpointSpec.USUAL;
    }

    /** All that decides its numbers, in words: all but {@link #checkpoints}, which is the last component of a spec that has one. */
    default String identity() {
        return toString().replace(", checkpoints=" + checkpoints() + "]", "]");
    }
}
