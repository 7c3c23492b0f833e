package dev.ternion.server;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.ternion.jobs.Allowance;
import dev.ternion.jobs.DeviceTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Quotas of callers. From a JSON file; SECURITY.md has an example.
 *
 * @param usual of a caller that has none of its own
 * @param callers by their ids
 */
public record Quotas(Quota usual, Map<String, Quota> callers) {
    /** No quotas. */
    public static final Quotas NONE = new Quotas(Quota.NONE, Map.of());

    private static final int LARGEST_FILE = 1 << 20;
    private static final int MOST_CALLERS = 10_000;
    private static final int MOST_JOBS = 1_000_000;
    private static final long MOST_SECONDS = 1_000_000_000;
    private static final long MOST_BYTES = 1L << 50;
    private static final int MOST_STREAMS = 100_000;
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .build();

    public Quotas {
        callers = Map.copyOf(callers);
    }

    /** A caller's quota as the file has it; null for what it leaves out. */
    private record Entry(
            Integer waitingJobs,
            Integer runningJobs,
            Long deviceSeconds,
            Long uploadBytes,
            Long storedBytes,
            Integer watchStreams) {
        @JsonCreator
        static Entry of(
                @JsonProperty("waiting_jobs") Integer waitingJobs,
                @JsonProperty("running_jobs") Integer runningJobs,
                @JsonProperty("device_seconds") Long deviceSeconds,
                @JsonProperty("upload_bytes") Long uploadBytes,
                @JsonProperty("stored_bytes") Long storedBytes,
                @JsonProperty("watch_streams") Integer watchStreams) {
            require("waiting_jobs", waitingJobs, MOST_JOBS);
            require("running_jobs", runningJobs, MOST_JOBS);
            require("device_seconds", deviceSeconds, MOST_SECONDS);
            require("upload_bytes", uploadBytes, MOST_BYTES);
            require("stored_bytes", storedBytes, MOST_BYTES);
            require("watch_streams", watchStreams, MOST_STREAMS);
            return new Entry(waitingJobs, runningJobs, deviceSeconds, uploadBytes, storedBytes, watchStreams);
        }

        private Quota or(Quota other) {
            return new Quota(
                    waitingJobs == null ? other.waitingJobs() : waitingJobs,
                    runningJobs == null ? other.runningJobs() : runningJobs,
                    deviceSeconds == null ? other.deviceTime() : Duration.ofSeconds(deviceSeconds),
                    uploadBytes == null ? other.uploadBytes() : uploadBytes,
                    storedBytes == null ? other.storedBytes() : storedBytes,
                    watchStreams == null ? other.watchStreams() : watchStreams);
        }

        private static void require(String name, Number value, long most) {
            if (value != null && (value.longValue() < 0 || value.longValue() > most)) {
                throw new IllegalArgumentException(name + " is " + value + ", wanted 0 to " + most);
            }
        }
    }

    /** The file. */
    private record Content(Entry usual, Map<String, Entry> callers) {
        @JsonCreator
        static Content of(@JsonProperty("default") Entry usual, @JsonProperty("callers") Map<String, Entry> callers) {
            Map<String, Entry> own = callers == null ? Map.of() : callers;
            if (own.size() > MOST_CALLERS) {
                throw new IllegalArgumentException(
                        "callers has " + own.size() + " entries, wanted at most " + MOST_CALLERS);
            }
            own.forEach((caller, entry) -> {
                if (caller.isEmpty() || entry == null) {
                    throw new IllegalArgumentException("callers: \"" + caller + "\" is no caller with a quota");
                }
            });
            return new Content(usual, own);
        }

        private Quotas quotas() {
            Quota other = usual == null ? Quota.NONE : usual.or(Quota.NONE);
            Map<String, Quota> own = new LinkedHashMap<>();
            callers.forEach((caller, entry) -> own.put(caller, entry.or(other)));
            return new Quotas(other, own);
        }
    }

    /**
     * Reads a file.
     *
     * @throws IOException saying what is wrong with it
     */
    public static Quotas read(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new IOException(file + ", the file of quotas, does not exist");
        }
        long size = Files.size(file);
        if (size > LARGEST_FILE) {
            throw new IOException(file + " has " + size + " bytes, wanted at most " + LARGEST_FILE);
        }
        try {
            Content content = JSON.readValue(Files.readAllBytes(file), Content.class);
            if (content == null) {
                throw new IOException(file + " is no file of quotas: it holds null");
            }
            return content.quotas();
        } catch (JsonProcessingException e) {
            String problem = e.getCause() instanceof IllegalArgumentException cause
                    ? cause.getMessage()
                    : e.getOriginalMessage();
            throw new IOException(file + " is no file of quotas: " + problem);
        }
    }

    /** Of this caller; what nobody is known to own has none. */
    Quota of(String caller) {
        return caller.isEmpty() ? Quota.NONE : callers.getOrDefault(caller, usual);
    }

    /** Refuses one job more in the queue. */
    void requireWaitingJob(String owner, int waiting) {
        if (waiting >= of(owner).waitingJobs()) {
            throw exceeded(
                    owner,
                    "waiting_jobs",
                    of(owner).waitingJobs(),
                    waiting,
                    "jobs wait",
                    "wait until one has begun, or cancel one");
        }
    }

    /** What the jobs of this caller may have of the devices. */
    public Allowance allowance(String caller) {
        return of(caller).allowance();
    }

    /** Refuses one new job more when jobs of its owner have had devices for as long as they may. */
    void requireDeviceTime(String owner, Supplier<DeviceTime> had) {
        if (!allowance(owner).boundsDeviceTime()) {
            return;
        }
        Duration limit = of(owner).deviceTime();
        DeviceTime time = had.get();
        if (time.total().compareTo(limit) >= 0) {
            throw exceeded(
                    owner,
                    "device_seconds",
                    limit.toSeconds(),
                    time.total().toSeconds(),
                    "seconds were used in the last " + DeviceTime.WINDOW + " hours",
                    time.below(limit).map(until -> "try again at " + until).orElse("create no jobs"));
        }
    }

    /**
     * Refuses bytes more on disk, or, when a caller has as many as it may, anything that may need some.
     *
     * @param stored of the caller; not asked if it has no limit
     */
    void requireStoredBytes(String caller, long more, StoredBytes stored) throws IOException {
        long limit = of(caller).storedBytes();
        if (limit == Quota.NONE.storedBytes()) {
            return;
        }
        long used = stored.of(caller);
        if (used >= limit || more > limit - used) {
            throw exceeded(
                    caller,
                    "stored_bytes",
                    limit,
                    used,
                    "bytes are stored" + (more > 0 ? ", this import has " + more + " more" : ""),
                    "delete models, data sets, checkpoints, or jobs that keep them");
        }
    }

    /** Refuses one watch more. */
    void requireWatch(String caller, int open) {
        if (open >= of(caller).watchStreams()) {
            throw exceeded(
                    caller, "watch_streams", of(caller).watchStreams(), open, "watches are open", "end one first");
        }
    }

    /** Of the uploads of a caller, by what {@link dev.ternion.objects.Uploads} tells. */
    static Refusal uploads(Map<String, String> details) {
        return exceeded(
                details.get("caller"),
                "upload_bytes",
                Long.parseLong(details.get("limit")),
                Long.parseLong(details.get("used")),
                "bytes of uploads are there",
                "delete an upload, or wait until one expires");
    }

    private static Refusal exceeded(String caller, String quota, long limit, long used, String what, String advice) {
        return Refusal.quota(
                "QUOTA_EXCEEDED",
                "callers/" + caller + "/" + quota,
                "quota " + quota + " of " + caller + " is " + limit + ", and " + used + " " + what + "; " + advice
                        + ", or have the operator of the server raise it",
                Map.of("quota", quota, "caller", caller, "limit", String.valueOf(limit), "used", String.valueOf(used)));
    }
}
