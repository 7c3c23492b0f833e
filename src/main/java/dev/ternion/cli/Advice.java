package dev.ternion.cli;

import java.util.Map;
import java.util.Optional;

/** What a person can do about an error, by its reason. */
final class Advice {
    private static final Map<String, String> BY_REASON = Map.ofEntries(
            Map.entry("SPEC_INVALID", "Correct the job file; `jobs submit --validate-only -f FILE` checks it again."),
            Map.entry(
                    "REQUEST_ID_REUSED",
                    "Use a new --request-id for a changed job, or the unchanged file to follow the first one."),
            Map.entry("REQUEST_JOB_GONE", "Use a new --request-id to make another job."),
            Map.entry("JOB_EXISTS", "Choose another --job-id, or follow the one that is there: `jobs watch ID`."),
            Map.entry("JOB_NOT_FOUND", "See `jobs list`."),
            Map.entry("JOB_FINAL", "See `jobs get NAME`."),
            Map.entry("JOB_NOT_FINAL", "Stop it first: `jobs cancel NAME`."),
            Map.entry("REPORT_NOT_READY", "Wait for it: `jobs watch NAME`."),
            Map.entry("QUEUE_FULL", "Wait for a job to end, or cancel one: `jobs list`, `jobs cancel NAME`."),
            Map.entry("JOB_LIMIT", "Delete jobs that are done: `jobs delete NAME`."),
            Map.entry("MODEL_EXISTS", "Choose another id, or use the one that is there: `models list`."),
            Map.entry("MODEL_NOT_FOUND", "See `models list`; import one with `models import ID PATH`."),
            Map.entry("DATASET_EXISTS", "Choose another id, or use the one that is there: `datasets list`."),
            Map.entry("DATASET_NOT_FOUND", "See `datasets list`; import one with `datasets import ID PATH`."),
            Map.entry("DATASET_INVALID", "Correct these rows and import again."),
            Map.entry("PATH_NOT_ALLOWED", "Upload the files (without --server-path), or serve with --import-root."),
            Map.entry("TOKEN_MISSING", "Send one with --token-file FILE or TERNION_TOKEN."),
            Map.entry("TOKEN_INVALID", "Look into the file of --token-file, or TERNION_TOKEN."),
            Map.entry("TOO_MANY_STREAMS", "End a `jobs watch` or a download first."),
            Map.entry("NO_SPACE", "Free disk space in the server's data folder, or delete models."),
            Map.entry("UPLOAD_LIMIT", "Wait: uploads that nobody goes on with are removed after a day."),
            Map.entry("QUOTA_EXCEEDED", "See `jobs list`; whoever runs the server sets quotas with `serve --quotas`."),
            Map.entry(
                    "OBJECTS_UNAVAILABLE", "Try again later; see `models list` and `datasets list` for what is there."),
            Map.entry("FILE_NOT_FOUND", "The model has other files: `models download NAME DIR` fetches all."),
            Map.entry("INTERNAL", "This is a bug; the server's log says more under that id."),
            Map.entry(
                    "LOSS_NOT_FINITE", "Lower the learning rate, or look at the data; the job can be submitted again."),
            Map.entry(
                    "DEVICE_FAULT",
                    "See `doctor`; the job can be submitted again, with `device: cpu` to tell device and job apart."),
            Map.entry("OUT_OF_MEMORY", "Use a smaller batchSize or maxLength."),
            Map.entry("TEACHER_MISMATCH", "Use a teacher that was fine-tuned on this data set's task."));

    private Advice() {}

    /** One line, if there is anything to say. */
    static Optional<String> forReason(String reason) {
        return Optional.ofNullable(BY_REASON.get(reason));
    }
}
