package dev.ternion.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ternion.jobs.Allowance;
import dev.ternion.jobs.DeviceTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A file of quotas says what it says, or the server does not start. */
class QuotasTest {
    @TempDir
    Path folder;

    private Quotas read(String json) throws IOException {
        return Quotas.read(Files.writeString(folder.resolve("quotas.json"), json));
    }

    @Test
    void aCallerHasWhatItsEntrySaysAndTheRestByDefault() throws Exception {
        Quotas quotas = read("""
                {"default": {"waiting_jobs": 100, "running_jobs": 2, "device_seconds": 1000000000, "upload_bytes": 1125899906842624, "stored_bytes": 1125899906842624},
                 "callers": {"oidc:ci": {"waiting_jobs": 0, "running_jobs": 0, "watch_streams": 4}, "token:a": {"device_seconds": 0, "stored_bytes": 0}, "token:b": {}}}
                """);
        Duration longest = Duration.ofSeconds(1_000_000_000);
        Quota usual = new Quota(100, 2, longest, 1L << 50, 1L << 50, Integer.MAX_VALUE);
        assertThat(quotas.of("oidc:ci")).isEqualTo(new Quota(0, 0, longest, 1L << 50, 1L << 50, 4));
        assertThat(quotas.of("token:b")).isEqualTo(usual);
        assertThat(quotas.allowance("token:a")).isEqualTo(new Allowance(2, Duration.ZERO));
        assertThat(quotas.of("token:a").storedBytes()).isZero();
        assertThat(quotas.allowance("")).isEqualTo(Allowance.ALL);
        assertThat(quotas.of("anyone")).isEqualTo(usual);
        assertThat(quotas.of("")).as("owner of a job of an earlier version").isEqualTo(Quota.NONE);
        assertThat(read("{}")).isEqualTo(Quotas.NONE);
        assertThat(read("{\"callers\": {\"a\": {\"upload_bytes\": 7}}}").of("b"))
                .isEqualTo(Quota.NONE);
    }

    @Test
    void deviceTimeIsRefusedAtTheLimitAndNotBelow() throws Exception {
        Quotas quotas = read("{\"callers\": {\"a\": {\"device_seconds\": 60}, \"b\": {\"device_seconds\": 0}}}");
        quotas.requireDeviceTime("a", () -> had(Duration.ofMillis(59_999)));
        quotas.requireDeviceTime("c", () -> {
            throw new AssertionError("asked of a caller without this quota");
        });
        assertThatThrownBy(() -> quotas.requireDeviceTime("a", () -> had(Duration.ofSeconds(60))))
                .hasMessage("QUOTA_EXCEEDED: quota device_seconds of a is 60, and 60 seconds were used in the last 24"
                        + " hours; try again at 1970-01-02T01:00:00Z, or have the operator of the server raise it");
        assertThatThrownBy(() -> quotas.requireDeviceTime("b", () -> had(Duration.ZERO)))
                .hasMessage("QUOTA_EXCEEDED: quota device_seconds of b is 0, and 0 seconds were used in the last 24"
                        + " hours; create no jobs, or have the operator of the server raise it");
    }

    @Test
    void whoHasNoLimitOfBytesIsNotLookedUp() throws Exception {
        read("{}").requireStoredBytes("a", 1L << 60, owner -> {
            throw new AssertionError("asked of a caller without this quota");
        });
    }

    private static DeviceTime had(Duration time) {
        return new DeviceTime(new TreeMap<>(Map.of(1L, time)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"default\": {\"waiting_jobs\": -1}} | waiting_jobs is -1, wanted 0 to 1000000",
                "{\"default\": {\"waiting_jobs\": 1000001}} | waiting_jobs is 1000001",
                "{\"default\": {\"waiting_jobs\": 3000000000}} | out of range",
                "{\"default\": {\"waiting_jobs\": 1.5}} | 1.5",
                "{\"default\": {\"waiting_jobs\": \"5\"}} | \"5\"",
                "{\"default\": {\"waiting_jobs\": true}} | Integer",
                "{\"default\": {\"running_jobs\": -1}} | running_jobs is -1, wanted 0 to 1000000",
                "{\"default\": {\"device_seconds\": 1000000001}} | device_seconds is 1000000001, wanted 0 to 1000000000",
                "{\"default\": {\"upload_bytes\": 1125899906842625}} | upload_bytes is 1125899906842625",
                "{\"default\": {\"stored_bytes\": 1125899906842625}} | stored_bytes is 1125899906842625, wanted 0 to 1125899906842624",
                "{\"default\": {\"stored_bytes\": -1}} | stored_bytes is -1",
                "{\"default\": {\"watch_streams\": 100001}} | watch_streams is 100001",
                "{\"default\": {\"waitingJobs\": 1}} | waitingJobs",
                "{\"defaults\": {}} | defaults",
                "{\"callers\": {\"\": {}}} | is no caller",
                "{\"callers\": {\"a\": null}} | is no caller",
                "{\"callers\": {\"a\": {}, \"a\": {}}} | Duplicate",
                "{} {} | Trailing",
                "[] | no file of quotas",
                "null | no file of quotas",
                "{ | no file of quotas"
            })
    void anythingElseIsRefused(String json, String problem) {
        assertThatThrownBy(() -> read(json))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("quotas.json")
                .hasMessageContaining(problem);
    }

    @Test
    void whatIsNoFileOrALargeOneIsRefused() throws Exception {
        assertThatThrownBy(() -> Quotas.read(folder.resolve("absent"))).hasMessageContaining("does not exist");
        assertThatThrownBy(() -> read(" ".repeat((1 << 20) + 1))).hasMessageContaining("wanted at most 1048576");
        StringBuilder many = new StringBuilder("{\"callers\": {");
        for (int i = 0; i <= 10_000; i++) {
            many.append(i == 0 ? "" : ",").append("\"caller-").append(i).append("\": {}");
        }
        assertThatThrownBy(() -> read(many + "}}")).hasMessageContaining("10001 entries, wanted at most 10000");
    }
}
