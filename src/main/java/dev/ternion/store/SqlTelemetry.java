package dev.ternion.store;

import dev.ternion.telemetry.Bounds;
import dev.ternion.telemetry.LogEntry;
import dev.ternion.telemetry.LogLine;
import dev.ternion.telemetry.PointBlock;
import dev.ternion.telemetry.PointList;
import dev.ternion.telemetry.Points;
import dev.ternion.telemetry.SeriesInfo;
import dev.ternion.telemetry.SeriesKey;
import dev.ternion.telemetry.Severity;
import dev.ternion.telemetry.TelemetryStore;
import dev.ternion.telemetry.Told;
import java.time.Clock;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.PreparedBatch;

/** Series and logs in a database. Each method is one transaction; what it changed is on disk when it returns. */
final class SqlTelemetry implements TelemetryStore {
    /** Points of a block. */
    static final int BLOCK = 512;
    /** Blocks read at once. */
    private static final int BLOCKS = 16;

    private static final String SERIES =
            "SELECT s.name, s.points, s.first_step, s.last_step, s.last_value FROM series s JOIN jobs j"
                    + " ON s.job = j.number WHERE j.id = :job";
    private static final String OF_SERIES = " JOIN jobs j ON s.job = j.number WHERE j.id = :job AND s.name = :name";

    private final Jdbi jdbi;
    private final Bounds bounds;
    private final Clock clock;

    /** @param clock tells the time of lines that the store itself says */
    SqlTelemetry(Jdbi jdbi, Bounds bounds, Clock clock) {
        this.jdbi = jdbi;
        this.bounds = bounds;
        this.clock = clock;
    }

    /** A row of the table telemetry. */
    private record Head(long points, long lastLine, int attempt, long told, boolean cut) {
        private static final Head NEW = new Head(0, 0, 0, 0, false);
    }

    /** A row of the table series. */
    private record Row(long id, long points, long lastStep, byte[] tail) {}

    @Override
    public boolean append(String job, int attempt, Told told) {
        return jdbi.inTransaction(h -> {
            if (!SqlJobStore.lockUnderWay(h, job, attempt)) {
                return false;
            }
            long number = number(h, job);
            Optional<Head> before = head(h, number);
            Head lined = addLines(h, number, before.orElse(Head.NEW), attempt, told);
            write(h, number, before.isEmpty(), addPoints(h, number, lined, byName(told.points())));
            return true;
        });
    }

    @Override
    public boolean add(String job, Map<SeriesKey, Points> points) {
        return jdbi.inTransaction(h -> {
            if (!SqlJobStore.lock(h, job)) {
                return false;
            }
            long number = number(h, job);
            Optional<Head> before = head(h, number);
            write(h, number, before.isEmpty(), addPoints(h, number, before.orElse(Head.NEW), byName(points)));
            return true;
        });
    }

    private static long number(Handle h, String job) {
        return h.createQuery("SELECT number FROM jobs WHERE id = :id")
                .bind("id", job)
                .mapTo(Long.class)
                .one();
    }

    private static TreeMap<String, Points> byName(Map<SeriesKey, Points> points) {
        TreeMap<String, Points> byName = new TreeMap<>();
        points.forEach((key, its) -> byName.put(key.text(), its));
        return byName;
    }

    private static Optional<Head> head(Handle h, long job) {
        return h.createQuery("SELECT points, last_line, attempt, told, cut FROM telemetry WHERE job = :job")
                .bind("job", job)
                .map((row, context) ->
                        new Head(row.getLong(1), row.getLong(2), row.getInt(3), row.getLong(4), row.getInt(5) != 0))
                .findOne();
    }

    private static void write(Handle h, long job, boolean isNew, Head head) {
        h.createUpdate(
                        isNew
                                ? "INSERT INTO telemetry (job, points, last_line, attempt, told, cut)"
                                        + " VALUES (:job, :points, :line, :attempt, :told, :cut)"
                                : "UPDATE telemetry SET points = :points, last_line = :line, attempt = :attempt,"
                                        + " told = :told, cut = :cut WHERE job = :job")
                .bind("job", job)
                .bind("points", head.points())
                .bind("line", head.lastLine())
                .bind("attempt", head.attempt())
                .bind("told", head.told())
                .bind("cut", head.cut() ? 1 : 0)
                .execute();
    }

    private Head addLines(Handle h, long job, Head head, int attempt, Told told) {
        long known = head.attempt() == attempt ? head.told() : 0;
        if (told.firstLine() > known + 1) {
            throw new IllegalStateException(
                    "job " + job + ": line " + told.firstLine() + " of its log after line " + known);
        }
        List<LogLine> lines = told.lines();
        List<LogLine> fresh = lines.subList((int) Math.min(lines.size(), known + 1 - told.firstLine()), lines.size());
        insert(h, job, head.lastLine(), attempt, fresh);
        return new Head(head.points(), head.lastLine() + fresh.size(), attempt, known + fresh.size(), head.cut());
    }

    private void insert(Handle h, long job, long last, int attempt, List<LogLine> lines) {
        if (lines.isEmpty()) {
            return;
        }
        PreparedBatch batch = h.prepareBatch("INSERT INTO log_lines (job, sequence, time, severity, attempt, text)"
                + " VALUES (:job, :sequence, :time, :severity, :attempt, :text)");
        long sequence = last;
        for (LogLine line : lines) {
            batch.bind("job", job)
                    .bind("sequence", ++sequence)
                    .bind("time", line.time().toEpochMilli())
                    .bind("severity", line.severity().name())
                    .bind("attempt", attempt)
                    .bind("text", line.text())
                    .add();
        }
        batch.execute();
        h.createUpdate("DELETE FROM log_lines WHERE job = :job AND sequence <= :old")
                .bind("job", job)
                .bind("old", sequence - bounds.lines())
                .execute();
    }

    private Head addPoints(Handle h, long job, Head head, TreeMap<String, Points> told) {
        if (told.isEmpty()) {
            return head;
        }
        Map<String, Row> rows = rows(h, job, told);
        boolean known = rows.size() == told.size();
        int series = known ? 0 : count(h, job);
        Changes changes = new Changes(h, job);
        long room = bounds.allPoints() - head.points();
        boolean whole = true;
        for (Map.Entry<String, Points> its : told.entrySet()) {
            Row row = rows.get(its.getKey());
            Points fresh = row == null ? its.getValue() : its.getValue().after(row.lastStep());
            long most = Math.min(room, bounds.points() - (row == null ? 0 : row.points()));
            most = row == null && series >= bounds.series() ? 0 : most;
            whole &= fresh.size() <= most;
            Points added = fresh.slice(0, (int) Math.min(fresh.size(), most));
            if (added.size() > 0) {
                series += row == null ? 1 : 0;
                room -= added.size();
                changes.add(its.getKey(), row, added);
            }
        }
        changes.execute();
        long points = bounds.allPoints() - room;
        if (whole || head.cut()) {
            return new Head(points, head.lastLine(), head.attempt(), head.told(), head.cut());
        }
        insert(h, job, head.lastLine(), head.attempt(), List.of(bounds.cut(clock.instant())));
        return new Head(points, head.lastLine() + 1, head.attempt(), head.told(), true);
    }

    private static Map<String, Row> rows(Handle h, long job, TreeMap<String, Points> told) {
        Map<String, Row> rows = new HashMap<>();
        h.createQuery("SELECT name, id, points, last_step, tail FROM series WHERE job = :job AND name IN (<names>)")
                .bind("job", job)
                .bindList("names", List.copyOf(told.keySet()))
                .map((row, context) -> rows.put(
                        row.getString(1), new Row(row.getLong(2), row.getLong(3), row.getLong(4), row.getBytes(5))))
                .list();
        return rows;
    }

    private static int count(Handle h, long job) {
        return h.createQuery("SELECT COUNT(*) FROM series WHERE job = :job")
                .bind("job", job)
                .mapTo(Integer.class)
                .one();
    }

    /** Changes of the series of a job, made at once. */
    private static final class Changes {
        private final Handle h;
        private final long job;
        private final PreparedBatch grown;
        private final PreparedBatch blocks;

        private Changes(Handle h, long job) {
            this.h = h;
            this.job = job;
            grown = h.prepareBatch("UPDATE series SET points = points + :added, last_step = :last,"
                    + " last_value = :value, tail = :tail WHERE id = :id");
            blocks = h.prepareBatch("INSERT INTO blocks (series, last_step, points) VALUES (:series, :last, :points)");
        }

        private void add(String name, Row row, Points added) {
            PointList tail = new PointList();
            if (row != null) {
                tail.addAll(PointBlock.read(row.tail()));
            }
            tail.addAll(added);
            long id = row == null ? insert(name, added) : row.id();
            while (tail.size() > BLOCK) {
                Points block = tail.take(BLOCK);
                blocks.bind("series", id)
                        .bind("last", block.step(block.size() - 1))
                        .bind("points", PointBlock.write(block))
                        .add();
            }
            int end = added.size() - 1;
            grown.bind("id", id)
                    .bind("added", added.size())
                    .bind("last", added.step(end))
                    .bind("value", Double.doubleToRawLongBits(added.value(end)))
                    .bind("tail", PointBlock.write(tail.points()))
                    .add();
        }

        private long insert(String name, Points added) {
            h.createUpdate("INSERT INTO series (job, name, points, first_step, last_step, last_value, tail)"
                            + " VALUES (:job, :name, 0, :first, :first, 0, :tail)")
                    .bind("job", job)
                    .bind("name", name)
                    .bind("first", added.step(0))
                    .bind("tail", new byte[0])
                    .execute();
            return h.createQuery("SELECT id FROM series WHERE job = :job AND name = :name")
                    .bind("job", job)
                    .bind("name", name)
                    .mapTo(Long.class)
                    .one();
        }

        private void execute() {
            if (blocks.size() > 0) {
                blocks.execute();
            }
            if (grown.size() > 0) {
                grown.execute();
            }
        }
    }

    @Override
    public List<SeriesInfo> series(String job) {
        return jdbi.withHandle(h -> h.createQuery(SERIES).bind("job", job).map((row, context) -> info(row)).stream()
                .sorted(Comparator.comparing(info -> info.key().text()))
                .toList());
    }

    @Override
    public Optional<SeriesInfo> find(String job, SeriesKey key) {
        return jdbi.withHandle(h -> h.createQuery(SERIES + " AND s.name = :name")
                .bind("job", job)
                .bind("name", key.text())
                .map((row, context) -> info(row))
                .findOne());
    }

    private static SeriesInfo info(java.sql.ResultSet row) throws java.sql.SQLException {
        return new SeriesInfo(
                SeriesKey.parse(row.getString("name")),
                row.getLong("points"),
                row.getLong("first_step"),
                row.getLong("last_step"),
                Double.longBitsToDouble(row.getLong("last_value")));
    }

    // One statement, so that no point is in neither a block nor the tail.
    @Override
    public Points points(String job, SeriesKey key, long fromStep) {
        List<byte[]> found =
                jdbi.withHandle(h -> h.createQuery("SELECT points FROM (SELECT * FROM (SELECT b.last_step, b.points"
                                + " FROM series s JOIN blocks b ON b.series = s.id" + OF_SERIES
                                + " AND b.last_step >= :from ORDER BY b.last_step LIMIT :blocks) whole"
                                + " UNION ALL SELECT s.last_step, s.tail AS points FROM series s" + OF_SERIES
                                + " AND s.last_step >= :from) parts ORDER BY last_step LIMIT :blocks")
                        .bind("job", job)
                        .bind("name", key.text())
                        .bind("from", fromStep)
                        .bind("blocks", BLOCKS)
                        .map((row, context) -> row.getBytes(1))
                        .list());
        PointList points = new PointList();
        for (byte[] block : found) {
            points.addAll(PointBlock.read(block));
        }
        return fromStep == 0 ? points.points() : points.points().after(fromStep - 1);
    }

    @Override
    public List<LogEntry> lines(String job, long fromSequence, int limit) {
        return jdbi.withHandle(h -> h.createQuery("SELECT l.* FROM log_lines l JOIN jobs j ON l.job = j.number"
                        + " WHERE j.id = :job AND l.sequence >= :from ORDER BY l.sequence LIMIT :limit")
                .bind("job", job)
                .bind("from", fromSequence)
                .bind("limit", limit)
                .map((row, context) -> new LogEntry(
                        row.getLong("sequence"),
                        row.getInt("attempt"),
                        new LogLine(
                                Instant.ofEpochMilli(row.getLong("time")),
                                Severity.valueOf(row.getString("severity")),
                                row.getString("text"))))
                .list());
    }

    @Override
    public long lastLine(String job) {
        return jdbi.withHandle(h -> h.createQuery(
                        "SELECT t.last_line FROM telemetry t JOIN jobs j ON t.job = j.number WHERE j.id = :job")
                .bind("job", job)
                .mapTo(Long.class)
                .findOne()
                .orElse(0L));
    }
}
