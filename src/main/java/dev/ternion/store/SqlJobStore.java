package dev.ternion.store;

import dev.ternion.jobs.AttemptEntry;
import dev.ternion.jobs.Change;
import dev.ternion.jobs.Job;
import dev.ternion.jobs.JobEvent;
import dev.ternion.jobs.JobException;
import dev.ternion.jobs.JobState;
import dev.ternion.jobs.JobStore;
import dev.ternion.jobs.Opaque;
import dev.ternion.jobs.Report;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** Jobs in a database. Each method is one transaction; what it changed is on disk when it returns. */
final class SqlJobStore implements JobStore {
    /** What a full log of events gives up, in this order; never state changes and reports. */
    private static final List<JobEvent.Kind> GIVEN_UP =
            List.of(JobEvent.Kind.PROGRESS, JobEvent.Kind.LOG, JobEvent.Kind.PHASE, JobEvent.Kind.EVALUATION);

    static final List<String> FINAL = Stream.of(JobState.values())
            .filter(JobState::isFinal)
            .map(Enum::name)
            .toList();
    /** State by state, so that the index is asked and not read. */
    private static final String OLDEST_FINAL = FINAL.stream()
            .map(state -> "SELECT MIN(number) AS oldest FROM jobs WHERE state = '" + state + "'")
            .collect(Collectors.joining(" UNION ALL ", "SELECT MIN(oldest) FROM (", ") AS each_state"));

    private static final List<String> UNDER_WAY =
            JobState.UNDER_WAY.stream().map(Enum::name).toList();

    private static final int UNKNOWN = -1;

    private final Jdbi jdbi;
    private final int maxJobs;
    private final int maxEvents;
    private final SqlChangeLog log;
    /** Rows of jobs, counted once and then kept in step; {@link #UNKNOWN} also while a change is not committed. Guarded by this. */
    private int rows = UNKNOWN;

    SqlJobStore(Jdbi jdbi, int maxJobs, int maxEvents, int maxChanges) {
        this.jdbi = jdbi;
        this.maxJobs = maxJobs;
        this.maxEvents = maxEvents;
        this.log = new SqlChangeLog(jdbi, maxChanges);
        jdbi.registerRowMapper(Job.class, (row, context) -> Rows.job(row));
        jdbi.registerRowMapper(JobEvent.class, (row, context) -> Rows.event(row));
    }

    @Override
    public synchronized Job insert(Job job, JobEvent.Body first) {
        int known = rows;
        rows = UNKNOWN;
        int before = known == UNKNOWN ? countAll() : known;
        boolean full = before >= maxJobs;
        try {
            Job inserted = insert(job, first, full);
            rows = full ? before : before + 1;
            return inserted;
        } catch (JobException e) {
            rows = before; // refused
            throw e;
        }
    }

    private Job insert(Job job, JobEvent.Body first, boolean full) {
        return jdbi.inTransaction(h -> {
            if (find(h, job.id()).isPresent()) {
                throw JobException.exists(job.id());
            }
            Optional<String> forgotten = full ? Optional.of(oldest(h)) : Optional.empty();
            long number = h.createUpdate(
                            "INSERT INTO jobs (id, uid, display_name, spec, device, memory, priority, longest, request_id, fingerprint, owner, trace, state, reason, attempts,"
                                    + " attempt, worker, told, created, revision, last_sequence, events) VALUES (:id, :uid,"
                                    + " :name, :spec, :device, :memory, :priority, :longest, :request, :fingerprint, :owner, :trace, :state, :reason, :attempts, :attempt, :worker,"
                                    + " 0, :created, :revision, 1, 1)")
                    .bind("id", job.id())
                    .bind("uid", job.uid())
                    .bind("name", job.displayName())
                    .bind("spec", Rows.bytes(job.spec()))
                    .bind("device", job.placement().device())
                    .bind("memory", job.placement().memory())
                    .bind("priority", job.priority())
                    .bind("longest", Rows.nanos(job.placement().longest()))
                    .bind("request", job.requestId().isEmpty() ? null : job.requestId())
                    .bind("fingerprint", job.fingerprint())
                    .bind("owner", job.origin().owner())
                    .bind("trace", job.origin().trace())
                    .bind("state", job.state().name())
                    .bind("reason", job.reason())
                    .bind("attempts", job.runs().counted())
                    .bind("attempt", job.runs().newest())
                    .bind("worker", job.runs().worker())
                    .bind("created", Rows.nanos(job.created()))
                    .bind("revision", job.revision())
                    .executeAndReturnGeneratedKeys("number")
                    .mapTo(Long.class)
                    .one();
            insert(h, new Place(number, 1, 1), first, job.created());
            forgotten.ifPresent(id -> delete(h, id));
            remember(h, job);
            log.append(h, job.id(), null, false);
            return job.numbered(number);
        });
    }

    @Override
    public void update(Job job, List<JobEvent.Body> change, Instant time) {
        jdbi.useTransaction(h -> {
            SqlAttempts.follow(h, job, change, time);
            SqlDeviceTime.follow(h, job, time);
            int changed = h.createUpdate("UPDATE jobs SET state = :state, reason = :reason, attempts = :attempts,"
                            + " told = CASE WHEN attempt = :attempt THEN told ELSE 0 END, attempt = :attempt, worker = :worker, active = :active,"
                            + " started = :started, ended = :ended, error = :error, report = :report, revision = :revision"
                            + " WHERE id = :id AND revision = :revision - 1")
                    .bind("id", job.id())
                    .bind("state", job.state().name())
                    .bind("reason", job.reason())
                    .bind("attempts", job.runs().counted())
                    .bind("attempt", job.runs().newest())
                    .bind("worker", job.runs().worker())
                    .bind("active", Rows.nanos(job.runs().active()))
                    .bind("started", Rows.nanos(job.started()))
                    .bind("ended", Rows.nanos(job.ended()))
                    .bind("error", Rows.error(job.error()))
                    .bind("report", Rows.bytes(job.report()))
                    .bind("revision", job.revision())
                    .execute();
            if (changed == 0) {
                throw new IllegalStateException("job " + job.id() + " cannot take revision " + job.revision() + ": "
                        + find(h, job.id())
                                .map(now -> "it is at revision " + now.revision())
                                .orElse("it does not exist"));
            }
            change.forEach(event -> append(h, job.id(), event, time));
            log.append(h, job.id(), stateBefore(job, change), false);
        });
    }

    private static JobState stateBefore(Job job, List<JobEvent.Body> change) {
        return change.stream()
                .filter(JobEvent.StateChanged.class::isInstance)
                .map(event -> ((JobEvent.StateChanged) event).from())
                .findFirst()
                .orElse(job.state());
    }

    @Override
    public boolean record(String id, int attempt, long first, List<Report> reports) {
        return jdbi.inTransaction(h -> {
            if (!lockUnderWay(h, id, attempt)) {
                return false;
            }
            recordFresh(h, id, first, reports);
            return true;
        });
    }

    /** Whether the attempt is under way; if so, the job stays as it is until the transaction ends: an update locks its row. */
    static boolean lockUnderWay(Handle h, String id, int attempt) {
        return h.createUpdate("UPDATE jobs SET told = told WHERE id = :id AND attempt = :attempt"
                                + " AND state IN (<states>)")
                        .bind("id", id)
                        .bind("attempt", attempt)
                        .bindList("states", UNDER_WAY)
                        .execute()
                > 0;
    }

    /** Whether the job is there; if so, it is until the transaction ends: an update locks its row. */
    static boolean lock(Handle h, String id) {
        return h.createUpdate("UPDATE jobs SET told = told WHERE id = :id")
                        .bind("id", id)
                        .execute()
                > 0;
    }

    private void recordFresh(Handle h, String id, long first, List<Report> reports) {
        long told = h.createQuery("SELECT told FROM jobs WHERE id = :id")
                .bind("id", id)
                .mapTo(Long.class)
                .one();
        if (first > told + 1) {
            throw new IllegalStateException("job " + id + ": report " + first + " after report " + told);
        }
        List<Report> fresh = reports.subList((int) Math.min(reports.size(), told + 1 - first), reports.size());
        fresh.forEach(report -> append(h, id, report.body(), report.time()));
        h.createUpdate("UPDATE jobs SET told = told + :count WHERE id = :id")
                .bind("id", id)
                .bind("count", fresh.size())
                .execute();
    }

    @Override
    public void active(String id, int attempt, Duration time, Instant now) {
        jdbi.useTransaction(h -> {
            SqlDeviceTime.follow(h, id, attempt, time, now);
            h.createUpdate("UPDATE jobs SET active = :active WHERE id = :id AND attempt = :attempt")
                    .bind("active", Rows.nanos(time))
                    .bind("id", id)
                    .bind("attempt", attempt)
                    .execute();
        });
    }

    @Override
    public Map<Long, Duration> deviceTime(String owner) {
        return jdbi.withHandle(h -> SqlDeviceTime.of(h, owner));
    }

    @Override
    public Optional<Job> find(String id) {
        return jdbi.withHandle(h -> find(h, id));
    }

    @Override
    public Optional<Made> findByRequest(String requestId) {
        return jdbi.inTransaction(h -> h.createQuery("SELECT job, fingerprint FROM requests WHERE id = :request")
                .bind("request", requestId)
                .map((row, context) -> new Made(row.getString(1), row.getString(2), null))
                .findOne()
                .map(made -> new Made(made.jobId(), made.fingerprint(), byRequest(h, requestId))));
    }

    @Override
    public List<Job> list(Set<JobState> states, long below, int limit) {
        Set<JobState> wanted = states.isEmpty() ? Set.of(JobState.values()) : states;
        return jdbi.withHandle(h -> h.createQuery("SELECT * FROM jobs WHERE number < :below AND state IN (<states>)"
                        + " ORDER BY number DESC LIMIT :limit")
                .bind("below", below)
                .bindList("states", wanted.stream().map(Enum::name).toList())
                .bind("limit", limit)
                .mapTo(Job.class)
                .list());
    }

    @Override
    public Optional<Job> numbered(long number) {
        return jdbi.withHandle(h -> h.createQuery("SELECT * FROM jobs WHERE number = :number")
                .bind("number", number)
                .mapTo(Job.class)
                .findOne());
    }

    /** Gives the jobs that are not final and have no device the one that their spec names. */
    void fillDevices(Function<Opaque, String> deviceOf) {
        jdbi.useTransaction(h -> h.createQuery("SELECT * FROM jobs WHERE device = '' AND state NOT IN (<states>)")
                .bindList("states", FINAL)
                .mapTo(Job.class)
                .list()
                .forEach(job -> h.createUpdate("UPDATE jobs SET device = :device WHERE number = :number")
                        .bind("device", deviceOf.apply(job.spec()))
                        .bind("number", job.number())
                        .execute()));
    }

    @Override
    public int count(JobState state) {
        return jdbi.withHandle(h -> h.createQuery("SELECT COUNT(*) FROM jobs WHERE state = :state")
                .bind("state", state.name())
                .mapTo(Integer.class)
                .one());
    }

    @Override
    public List<JobEvent> events(String id, long fromSequence, int limit) {
        return jdbi.withHandle(h -> h.createQuery("SELECT e.* FROM events e JOIN jobs j ON e.job = j.number"
                        + " WHERE j.id = :id AND e.sequence >= :from ORDER BY e.sequence LIMIT :limit")
                .bind("id", id)
                .bind("from", fromSequence)
                .bind("limit", limit)
                .mapTo(JobEvent.class)
                .list());
    }

    @Override
    public long lastSequence(String id) {
        return jdbi.withHandle(h -> h.createQuery("SELECT last_sequence FROM jobs WHERE id = :id")
                .bind("id", id)
                .mapTo(Long.class)
                .findOne()
                .orElse(0L));
    }

    @Override
    public Optional<JobEvent> latest(String id, JobEvent.Kind kind) {
        return jdbi.withHandle(h -> h.createQuery("SELECT e.* FROM events e JOIN jobs j ON e.job = j.number"
                        + " WHERE j.id = :id AND e.kind = :kind ORDER BY e.sequence DESC LIMIT 1")
                .bind("id", id)
                .bind("kind", kind.name())
                .mapTo(JobEvent.class)
                .findOne());
    }

    @Override
    public List<AttemptEntry> attempts(String id) {
        return jdbi.withHandle(h -> SqlAttempts.list(h, id));
    }

    @Override
    public synchronized void delete(String id) {
        int known = rows;
        rows = UNKNOWN;
        boolean deleted = jdbi.inTransaction(h -> delete(h, id));
        rows = known == UNKNOWN || !deleted ? known : known - 1;
    }

    private boolean delete(Handle h, String id) {
        Optional<Job> job = find(h, id);
        job.ifPresent(found -> {
            log.append(h, id, found.state(), true);
            h.createUpdate("UPDATE requests SET gone = 1 WHERE id = :request")
                    .bind("request", found.requestId())
                    .execute();
            h.createUpdate("DELETE FROM jobs WHERE id = :id").bind("id", id).execute();
        });
        return job.isPresent();
    }

    @Override
    public List<Change> changes(long after, int limit) {
        return log.changes(after, limit);
    }

    @Override
    public List<Change> standing(Set<JobState> states, long after, long upTo, int limit) {
        return log.standing(states, after, upTo, limit);
    }

    @Override
    public Extent extent() {
        return log.extent();
    }

    private static Job byRequest(Handle h, String requestId) {
        return h.createQuery("SELECT * FROM jobs WHERE request_id = :request")
                .bind("request", requestId)
                .mapTo(Job.class)
                .findOne()
                .orElse(null);
    }

    private static void remember(Handle h, Job job) {
        h.createUpdate("DELETE FROM requests WHERE gone = 1 AND created < :limit")
                .bind("limit", Rows.nanos(job.created().minus(REMEMBERED)))
                .execute();
        if (!job.requestId().isEmpty()) {
            h.createUpdate(
                            "INSERT INTO requests (id, job, fingerprint, created) VALUES (:id, :job, :fingerprint, :created)")
                    .bind("id", job.requestId())
                    .bind("job", job.id())
                    .bind("fingerprint", job.fingerprint())
                    .bind("created", Rows.nanos(job.created()))
                    .execute();
        }
    }

    private static Optional<Job> find(Handle h, String id) {
        return h.createQuery("SELECT * FROM jobs WHERE id = :id")
                .bind("id", id)
                .mapTo(Job.class)
                .findOne();
    }

    private int countAll() {
        return jdbi.withHandle(h ->
                h.createQuery("SELECT COUNT(*) FROM jobs").mapTo(Integer.class).one());
    }

    /** The job that makes room for another. */
    private String oldest(Handle h) {
        return h.createQuery("SELECT id FROM jobs WHERE number = (" + OLDEST_FINAL + ")")
                .mapTo(String.class)
                .findOne()
                .orElseThrow(() -> JobException.full(maxJobs));
    }

    private long append(Handle h, String id, JobEvent.Body body, Instant time) {
        int known = h.createUpdate(
                        "UPDATE jobs SET last_sequence = last_sequence + 1, events = events + 1 WHERE id = :id")
                .bind("id", id)
                .execute();
        if (known == 0) {
            throw new IllegalStateException("job " + id + " does not exist");
        }
        Place place = h.createQuery("SELECT number, last_sequence, events FROM jobs WHERE id = :id")
                .bind("id", id)
                .map((row, context) -> new Place(row.getLong(1), row.getLong(2), row.getInt(3)))
                .one();
        insert(h, place, body, time);
        if (place.events() > maxEvents) {
            thin(h, place.job());
        }
        return place.sequence();
    }

    private record Place(long job, long sequence, int events) {}

    private static void insert(Handle h, Place place, JobEvent.Body body, Instant time) {
        JobEvent.StateChanged state = body instanceof JobEvent.StateChanged s ? s : null;
        JobEvent.Recorded recorded = body instanceof JobEvent.Recorded r ? r : null;
        h.createUpdate("INSERT INTO events (job, sequence, time, kind, from_state, to_state, reason, error, payload)"
                        + " VALUES (:job, :sequence, :time, :kind, :from, :to, :reason, :error, :payload)")
                .bind("job", place.job())
                .bind("sequence", place.sequence())
                .bind("time", Rows.nanos(time))
                .bind("kind", recorded == null ? Rows.STATE : recorded.kind().name())
                .bind(
                        "from",
                        state == null || state.from() == null
                                ? null
                                : state.from().name())
                .bind("to", state == null ? null : state.to().name())
                .bind("reason", state == null ? null : state.reason())
                .bind("error", state == null ? null : Rows.error(state.error()))
                .bind("payload", recorded == null ? null : Rows.bytes(recorded.payload()))
                .execute();
    }

    /** Of the first kind that has something to give up, forgets the first, third, … event, but never the newest. */
    private static void thin(Handle h, long job) {
        for (JobEvent.Kind kind : GIVEN_UP) {
            int removed = h.createUpdate("DELETE FROM events WHERE job = :job AND sequence IN (SELECT sequence FROM"
                            + " (SELECT sequence, ROW_NUMBER() OVER (ORDER BY sequence) AS place,"
                            + " MAX(sequence) OVER () AS newest FROM events WHERE job = :job AND kind = :kind) numbered"
                            + " WHERE place % 2 = 1 AND sequence < newest)")
                    .bind("job", job)
                    .bind("kind", kind.name())
                    .execute();
            if (removed > 0) {
                h.createUpdate("UPDATE jobs SET events = events - :removed WHERE number = :job")
                        .bind("removed", removed)
                        .bind("job", job)
                        .execute();
                return;
            }
        }
    }
}
