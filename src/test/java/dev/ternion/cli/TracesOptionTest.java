package dev.ternion.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A collector is an address of HTTP and nothing else. */
class TracesOptionTest {
    @Test
    void noneIsNone() {
        assertThat(TracesOption.read(null)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "http://collector:4318, http://collector:4318/v1/traces",
        "https://collector/, https://collector/v1/traces",
        "https://collector:1/otlp/traces, https://collector:1/otlp/traces",
        "http://[::1]:4318, http://[::1]:4318/v1/traces"
    })
    void whereSpansArePosted(String typed, URI wanted) {
        assertThat(TracesOption.read(typed)).contains(wanted);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "collector:4318",
                "grpc://collector:4317",
                "file:///etc/passwd",
                "http://",
                "http:///v1/traces",
                "http://user:secret@collector",
                "http://collector?key=secret",
                "http://collector#secret",
                "http://collector:4318/ secret"
            })
    void anythingElseIsRefusedWithoutRepeatingIt(String typed) {
        assertThatThrownBy(() -> TracesOption.read(typed))
                .isInstanceOf(CliException.class)
                .hasMessageContaining("--traces: wanted http://HOST")
                .hasMessageNotContaining("secret");
    }
}
