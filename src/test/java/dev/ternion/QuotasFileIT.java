package dev.ternion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file of {@code serve --quotas} is what a server holds its callers to, and a server does not start on another. */
class QuotasFileIT {
    @TempDir
    Path folder;

    private TinyServer start(String json) throws IOException {
        Path file = Files.writeString(folder.resolve("quotas.json"), json);
        return new TinyServer(folder, Optional.empty(), Optional.of(file));
    }

    @Test
    void aServerHoldsToItsFile() throws Exception {
        assertThatThrownBy(() -> start("{\"default\": {\"waiting_jobs\": -1}}"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("quotas.json is no file of quotas: waiting_jobs is -1");
        try (TinyServer server = start("{\"callers\": {\"anyone\": {\"waiting_jobs\": 0}}}")) {
            server.filled();
            TinyServer.Result refused = server.submit(TinyServer.fineTune("encoder", "student", 3));
            assertThat(refused.code()).isEqualTo(4);
            assertThat(refused.err())
                    .contains("QUOTA_EXCEEDED: quota waiting_jobs of anyone is 0, and 0 jobs wait", "serve --quotas");
        }
    }

    @Test
    void itsSchedulerHoldsBackByItsFile() throws Exception {
        try (TinyServer server = start("{\"default\": {\"running_jobs\": 0}}")) {
            server.filled();
            TinyServer.Result waits =
                    server.submit(TinyServer.fineTune("encoder", "student", 3), "--job-id", "held-back");
            assertThat(waits.code()).as(waits.err()).isZero();
            assertThat(waits.json().path("stateReason").asText())
                    .isEqualTo("waiting for device cpu: held back by quota running_jobs of anyone: 0 of at most 0 jobs"
                            + " with a device");
        }
    }
}
