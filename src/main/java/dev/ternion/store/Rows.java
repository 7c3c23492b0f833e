package dev.ternion.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ternion.jobs.AttemptEntry;
import dev.ternion.jobs.Change;
import dev.ternion.jobs.Job;
import dev.ternion.jobs.JobError;
import dev.ternion.jobs.JobEvent;
import dev.ternion.jobs.JobState;
import dev.ternion.jobs.Opaque;
import dev.ternion.jobs.Origin;
import dev.ternion.jobs.Placement;
import dev.ternion.jobs.Runs;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/** Records from rows, and their columns from records. */
final class Rows {
    static final String STATE = "STATE";

    private static final ObjectMapper JSON = new ObjectMapper();

    private Rows() {}

    static Job job(ResultSet row) throws SQLException {
        String request = row.getString("request_id");
        return new Job(
                row.getString("id"),
                row.getString("uid"),
                row.getLong("number"),
                row.getString("display_name"),
                opaque(row.getBytes("spec")),
                placement(row),
                request == null ? "" : request,
                row.getString("fingerprint"),
                new Origin(row.getString("owner"), row.getString("trace")),
                JobState.valueOf(row.getString("state")),
                row.getString("reason"),
                0,
                new Runs(
                        row.getInt("attempts"),
                        row.getInt("attempt"),
                        row.getString("worker"),
                        duration(row, "active")),
                instant(row, "created"),
                instant(row, "started"),
                instant(row, "ended"),
                error(row.getString("error")),
                opaque(row.getBytes("report")),
                row.getLong("revision"));
    }

    private static Placement placement(ResultSet row) throws SQLException {
        return new Placement(
                row.getString("device"), row.getLong("memory"), row.getInt("priority"), duration(row, "longest"));
    }

    static JobEvent event(ResultSet row) throws SQLException {
        String kind = row.getString("kind");
        JobEvent.Body body;
        if (kind.equals(STATE)) {
            String from = row.getString("from_state");
            body = new JobEvent.StateChanged(
                    from == null ? null : JobState.valueOf(from),
                    JobState.valueOf(row.getString("to_state")),
                    row.getString("reason"),
                    error(row.getString("error")));
        } else {
            body = new JobEvent.Recorded(JobEvent.Kind.valueOf(kind), opaque(row.getBytes("payload")));
        }
        return new JobEvent(row.getLong("sequence"), instant(row, "time"), body);
    }

    static Change change(ResultSet row) throws SQLException {
        String from = row.getString("from_state");
        Job job = new Job(
                row.getString("id"),
                row.getString("uid"),
                row.getLong("number"),
                row.getString("display_name"),
                Opaque.EMPTY,
                placement(row),
                "",
                "",
                new Origin(row.getString("owner"), ""),
                JobState.valueOf(row.getString("state")),
                row.getString("reason"),
                0,
                new Runs(row.getInt("attempts"), row.getInt("attempt"), "", Duration.ZERO),
                instant(row, "created"),
                instant(row, "started"),
                instant(row, "ended"),
                error(row.getString("error")),
                row.getInt("reported") == 0 ? null : Opaque.EMPTY,
                row.getLong("job_revision"));
        return new Change(
                row.getLong("revision"),
                from == null ? null : JobState.valueOf(from),
                job,
                row.getLong("last_sequence"),
                row.getInt("deleted") != 0);
    }

    static AttemptEntry attempt(ResultSet row) throws SQLException {
        String end = row.getString("outcome");
        return new AttemptEntry(
                row.getInt("number"),
                instant(row, "started"),
                instant(row, "ended"),
                end == null ? null : AttemptEntry.End.valueOf(end),
                row.getString("reason"));
    }

    static Long nanos(Instant time) {
        return time == null
                ? null
                : Math.addExact(Math.multiplyExact(time.getEpochSecond(), 1_000_000_000L), time.getNano());
    }

    static Long nanos(Duration time) {
        return time == null ? null : time.toNanos();
    }

    static String error(JobError error) {
        if (error == null) {
            return null;
        }
        try {
            return JSON.writeValueAsString(
                    Map.of("reason", error.reason(), "message", error.message(), "details", error.details()));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    static byte[] bytes(Opaque opaque) {
        return opaque == null ? null : opaque.bytes();
    }

    private static JobError error(String json) {
        if (json == null) {
            return null;
        }
        try {
            Map<String, Object> all = JSON.readValue(json, new TypeReference<>() {});
            Map<String, String> details = JSON.convertValue(all.get("details"), new TypeReference<>() {});
            return new JobError((String) all.get("reason"), (String) all.get("message"), details);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the stored error of a job is no JSON: " + json, e);
        }
    }

    private static Opaque opaque(byte[] bytes) {
        return bytes == null ? null : Opaque.of(bytes);
    }

    private static Duration duration(ResultSet row, String column) throws SQLException {
        long nanos = row.getLong(column);
        return row.wasNull() ? null : Duration.ofNanos(nanos);
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        long nanos = row.getLong(column);
        return row.wasNull() ? null : Instant.ofEpochSecond(0, nanos);
    }
}
