package dev.ternion.server;

import com.google.protobuf.Message;
import dev.ternion.api.InvalidRequest;
import dev.ternion.api.ResourceCatalog;
import dev.ternion.api.ResourceNames;
import dev.ternion.api.Secrets;
import dev.ternion.api.SpecMapper;
import dev.ternion.api.SpecReferences;
import dev.ternion.api.Violation;
import dev.ternion.api.v1.CreateJobRequest;
import dev.ternion.api.v1.Job;
import dev.ternion.jobs.JobIds;
import dev.ternion.jobs.JobQueue;
import dev.ternion.jobs.JobState;
import dev.ternion.jobs.Opaque;
import dev.ternion.jobs.Origin;
import dev.ternion.jobs.Placement;
import dev.ternion.jobs.Submission;
import dev.ternion.recipe.JobSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** New jobs: repetition of an earlier request, then all checks at once, then the queue. */
final class JobCreation {
    private static final Pattern UUID_PATTERN =
            Pattern.compile("[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}");
    private static final int MAX_DISPLAY_NAME = 200;
    private static final int MAX_PRIORITY = 100;
    private static final Duration MIN_RUN_TIME = Duration.ofSeconds(1);
    private static final Duration MAX_RUN_TIME = Duration.ofDays(365);

    private final JobQueue queue;
    private final ResourceCatalog catalog;
    private final ActiveReferences active;
    private final CheckpointCatalog checkpoints;
    private final Quotas quotas;
    private final Storage storage;
    private final Supplier<UUID> ids;

    JobCreation(
            JobQueue queue,
            ResourceCatalog catalog,
            ActiveReferences active,
            CheckpointCatalog checkpoints,
            Quotas quotas,
            Storage storage,
            Supplier<UUID> ids) {
        this.queue = queue;
        this.catalog = catalog;
        this.active = active;
        this.checkpoints = checkpoints;
        this.quotas = quotas;
        this.storage = storage;
        this.ids = ids;
    }

    Job create(CreateJobRequest request) throws IOException {
        return create(request, fingerprint(request), new FreshBeginning(checkpoints));
    }

    /** @param fingerprint of what the client wants */
    Job create(CreateJobRequest request, String fingerprint, Beginning beginning) throws IOException {
        List<Violation> violations = new ArrayList<>();
        checkRequest(request, violations);
        Optional<dev.ternion.jobs.Job> made =
                violations.isEmpty() ? queue.replay(request.getRequestId(), fingerprint) : Optional.empty();
        made.map(JobMessages::record).ifPresent(AuditNote::before);
        return made.isPresent()
                ? JobMessages.job(made.get(), queue)
                : createNew(request, fingerprint, beginning, violations);
    }

    private Job createNew(CreateJobRequest request, String fingerprint, Beginning beginning, List<Violation> violations)
            throws IOException {
        String id = request.getJobId().isEmpty() ? JobIds.from(ids.get()) : request.getJobId();
        JobSpec spec = checkSpec(beginning.spec(request.getJob().getSpec()), id, beginning, violations);
        if (!violations.isEmpty()) {
            throw new InvalidRequest(violations);
        }
        long memory = MemoryCheck.require(spec, catalog);
        storage.requireSome(AuthInterceptor.caller());
        if (request.getValidateOnly()) {
            queue.requireRoom(id);
            requireQuotas(AuthInterceptor.caller());
            return preview(request, id, spec);
        }
        Submission submission = new Submission(
                id,
                request.getJob().getDisplayName(),
                Opaque.of(SpecMapper.encode(spec)),
                placement(request.getJob(), spec, memory),
                request.getRequestId(),
                fingerprint,
                new Origin(AuthInterceptor.caller(), CallTraces.current()));
        return JobMessages.job(submit(submission, beginning, spec), queue);
    }

    private dev.ternion.jobs.Job submit(Submission submission, Beginning beginning, JobSpec spec) throws IOException {
        try (CheckpointCatalog.Staged staged = beginning.stage(submission.id(), spec)) {
            return queue.submit(submission, () -> {
                requireQuotas(submission.origin().owner());
                try {
                    staged.publish();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (IOException | RuntimeException e) {
            checkpoints.tidy(submission.id());
            throw e;
        }
    }

    /** Refuses to resume a job whose owner has stored as much as it may; reads the disk, so it is no part of the change. */
    void requireStorage(String id) throws IOException {
        Optional<dev.ternion.jobs.Job> paused = queue.find(id).filter(job -> job.state() == JobState.PAUSED);
        if (paused.isPresent()) {
            storage.requireSome(paused.get().origin().owner());
        }
    }

    /** Refuses one more waiting job of who asked for this one. */
    void requireQuota(dev.ternion.jobs.Job job) {
        requireWaitingJob(job.origin().owner());
    }

    private void requireQuotas(String owner) {
        requireWaitingJob(owner);
        quotas.requireDeviceTime(owner, () -> queue.deviceTime(owner));
    }

    private void requireWaitingJob(String owner) {
        quotas.requireWaitingJob(owner, queue.waiting(owner));
    }

    private static void checkRequest(CreateJobRequest request, List<Violation> violations) {
        violations.addAll(Secrets.in(request));
        if (!Requests.isParent(request.getParent())) {
            violations.add(new Violation("parent", Requests.parentProblem(request.getParent())));
        }
        String id = request.getJobId();
        if (!id.isEmpty() && !JobIds.isValid(id)) {
            violations.add(new Violation(
                    "job_id", "is \"" + id + "\", wanted " + JobIds.PATTERN + ", 4 to 63 characters, or empty"));
        }
        String requestId = request.getRequestId();
        if (!requestId.isEmpty() && !UUID_PATTERN.matcher(requestId).matches()) {
            violations.add(new Violation("request_id", "is \"" + requestId + "\", wanted a UUID"));
        }
        int length = request.getJob().getDisplayName().length();
        if (length > MAX_DISPLAY_NAME) {
            violations.add(
                    new Violation("display_name", "has " + length + " characters, wanted at most " + MAX_DISPLAY_NAME));
        }
        int priority = request.getJob().getPriority();
        if (Math.abs((long) priority) > MAX_PRIORITY) {
            violations.add(
                    new Violation("priority", "is " + priority + ", wanted " + -MAX_PRIORITY + " to " + MAX_PRIORITY));
        }
        checkRunTime(request.getJob(), violations);
    }

    private static void checkRunTime(Job job, List<Violation> violations) {
        com.google.protobuf.Duration wanted = job.getMaxRunTime();
        boolean valid = com.google.protobuf.util.Durations.isValid(wanted);
        Duration time = valid ? Durations.of(wanted) : Duration.ZERO;
        if (job.hasMaxRunTime() && (time.compareTo(MIN_RUN_TIME) < 0 || time.compareTo(MAX_RUN_TIME) > 0)) {
            violations.add(new Violation(
                    "max_run_time",
                    "is " + wanted.getSeconds() + " s and " + wanted.getNanos() + " ns, wanted 1 s to "
                            + MAX_RUN_TIME.toHours() + " h, or absent"));
        }
    }

    private static Placement placement(Job job, JobSpec spec, long memory) {
        Duration longest = job.hasMaxRunTime() ? Durations.of(job.getMaxRunTime()) : null;
        return new Placement(spec.device(), memory, job.getPriority(), longest);
    }

    private JobSpec checkSpec(
            dev.ternion.api.v1.JobSpec proto, String id, Beginning beginning, List<Violation> violations)
            throws IOException {
        List<Violation> found = new ArrayList<>();
        JobSpec spec = SpecMapper.read(proto, id, catalog, found);
        if (spec != null) {
            found.addAll(beginning.problems(spec));
        }
        if (found.isEmpty()) {
            found.addAll(active.outputClashes(SpecReferences.of(spec)));
        }
        violations.addAll(found);
        return spec;
    }

    private static Job preview(CreateJobRequest request, String id, JobSpec spec) {
        dev.ternion.api.v1.JobSpec proto = SpecMapper.write(spec);
        Job.Builder preview = Job.newBuilder();
        if (request.getJob().hasMaxRunTime()) {
            preview.setMaxRunTime(request.getJob().getMaxRunTime());
        }
        return preview.setName(ResourceNames.JOB.name(id))
                .setDisplayName(request.getJob().getDisplayName())
                .setPriority(request.getJob().getPriority())
                .setSpec(proto)
                .addAllSeeds(SpecMapper.seeds(proto))
                .setForkedFrom(SpecMapper.beginAt(proto))
                .setStateReason("validated only, not created")
                .build();
    }

    /** Digest of what the client wants, without the request's own id. */
    private static String fingerprint(CreateJobRequest request) {
        return digest(request.toBuilder().clearRequestId().clearValidateOnly().build());
    }

    /** SHA-256 of a message, hex. */
    static String digest(Message message) {
        try {
            byte[] body = message.toByteArray();
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
